#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/template/template.h"

namespace devc::engine {

struct TemplatePipeline;

/// One word of a command: `.State.Status`, `$x.Name`, `"text"`, `json`, `(…).Name`.
struct TemplateOperand {
    enum Kind { Dot, Variable, Literal, Function, Parenthesis } kind = Dot;
    std::string name;                 ///< of the variable or function
    std::vector<std::string> fields;  ///< what follows: "State", "Status"
    nlohmann::json literal;
    std::unique_ptr<TemplatePipeline> pipeline;
    std::size_t position = 0;  ///< offset in the text, where errors point
    std::string source;        ///< as written, for errors
};

struct TemplateCommand {
    std::vector<TemplateOperand> operands;
};

/// `$k, $v := a b | c`.
struct TemplatePipeline {
    std::vector<std::string> variables;
    bool assigns = false;  ///< `=`: to variables that exist already
    std::vector<TemplateCommand> commands;
};

struct Template::Node {
    enum Kind { List, Text, Action, If, Range, With, Break, Continue } kind = List;
    std::string text;
    TemplatePipeline pipeline;
    std::vector<Node> body, otherwise;
    std::size_t position = 0;
    std::string source;  ///< whole text, in the root only: errors count lines in it
};

/// A value while a template runs.
struct TemplateValue {
    nlohmann::json json;
    std::string name;     ///< last field it was reached by: tells maps with the user's keys from structures
    std::string missing;  ///< not empty: the key does not exist, and what is wrong with that
    bool noValue = false;  ///< a key that a map does not have: prints <no value>
};

/// Whether `name` has a function (also `and` and `or`, which the evaluator treats itself).
bool isTemplateFunction(std::string_view name);
/// Calls any function but `and` and `or`. Throws Error without position.
TemplateValue callTemplateFunction(const std::string& name, const std::vector<TemplateValue>& arguments);
/// Go's truth: not empty, not zero, not nil.
bool isTrue(const TemplateValue& value);
/// As Go's fmt.Print shows it.
std::string printed(const TemplateValue& value);
/// Whether a map reached by this field has keys that users choose.
bool hasUserKeys(const std::string& name);

}  // namespace devc::engine

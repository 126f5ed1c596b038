#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace devc::engine {

/// The part of Go's text/template that docker's `--format` is used with, over JSON.
///
/// Fields (`.State.Status`, nested, on variables and parentheses), `$`, variables (`:=`, `=`), pipelines, comments,
/// `{{-` and `-}}`, `if`/`else if`/`else`, `range` (also `$i, $v := `, `else`, `break`, `continue`), `with`.
/// Functions: and or not eq ne lt le gt ge index slice len print printf println html js urlquery, and
/// docker's json, join, upper, lower, title, split, pad, truncate. Maps are walked in the order
/// of their keys; values print as Go prints them (`[a b]`, `map[k:v]`).
///
/// A key that is not there is an error, as for docker's `inspect`, except inside maps whose keys users choose (Labels,
/// Networks, Ports, Options, ...), where it is `<no value>`, and as a condition, where it is false.
class Template {
public:
    /// What a field with arguments means: `{{.Label "x"}}`. Called when the root object has no such key.
    using Methods = std::map<std::string, std::function<nlohmann::json(const std::vector<nlohmann::json>& arguments)>>;

    /// Throws Error "template parsing error: template: :1: ..." with status 64, as docker.
    static Template parse(std::string_view text);

    /// Throws Error "template parsing error: template: :1:2: executing "" at <.x>: ..." with status 1.
    std::string render(const nlohmann::json& data, const Methods& methods = {}) const;

    /// The header line of a `table` format: fields become the given names, or their own name in capitals with words
    /// apart (`.RunningFor` -> "RUNNING FOR"); functions pass their text through.
    std::string header(const std::map<std::string, std::string>& names) const;

    struct Node;
    Template(Template&&) noexcept;
    Template& operator=(Template&&) noexcept;
    ~Template();

private:
    explicit Template(std::unique_ptr<Node>);
    std::unique_ptr<Node> root_;
};

/// What `--format json` and `{{json .}}` print: compact, keys in order, HTML characters as they are.
std::string compactJson(const nlohmann::json& value);

}  // namespace devc::engine

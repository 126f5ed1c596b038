#include "engine/template/template.h"

#include <algorithm>
#include <cctype>

#include "engine/template/tree.h"
#include "engine/error.h"

namespace devc::engine {
namespace {

using nlohmann::json;
using Node = Template::Node;

/// "RunningFor" -> "RUNNING FOR", "ID" -> "ID", "IPv4" -> "IPV4".
std::string titleOf(const std::string& field) {
    std::string result;
    for (std::size_t i = 0; i < field.size(); ++i) {
        const auto c = static_cast<unsigned char>(field[i]);
        if (i > 0 && std::isupper(c) != 0 && std::islower(static_cast<unsigned char>(field[i - 1])) != 0) result += ' ';
        result += static_cast<char>(std::toupper(c));
    }
    return result;
}

/// Docker's title of a label's column: the last part of its name, words apart.
std::string titleOfLabel(const std::string& label) {
    std::string result = label.substr(label.rfind('.') == std::string::npos ? 0 : label.rfind('.') + 1);
    std::replace_if(result.begin(), result.end(), [](char c) { return c == '-' || c == '_'; }, ' ');
    return result;
}

/// What one evaluation may cost, about in bytes copied: far more than any listing asks for, and little enough to end soon.
constexpr std::size_t maximumCost = std::size_t{16} << 20U;
constexpr std::size_t costOfStep = 32, costOfElement = 64;

class Evaluator {
public:
    Evaluator(const std::string& source, const json& data, const Template::Methods& methods,
              const std::map<std::string, std::string>* titles)
        : source_(source), methods_(methods), titles_(titles) {
        variables_.push_back({"$", TemplateValue{data, {}, {}, false}});
    }

    std::string run(const Node& root) {
        const TemplateValue dot = variables_.front().second;  // a copy: variables move when there are more
        walk(root.body, dot);
        return std::move(out_);
    }

private:
    enum class Flow { On, Break, Continue };

    [[noreturn]] void fail(const TemplateOperand& at, const std::string& what) const {
        const std::string_view before = std::string_view(source_).substr(0, at.position);
        const auto line = 1 + std::count(before.begin(), before.end(), '\n');
        const std::size_t newline = before.rfind('\n');
        const std::size_t column = newline == std::string_view::npos ? at.position : at.position - newline - 1;
        throw Error::of("template parsing error: template: :{}:{}: executing \"\" at <{}>: {}", line, column, at.source, what);
    }

    Flow walk(const std::vector<Node>& nodes, const TemplateValue& dot) {
        for (const Node& node : nodes)
            if (const Flow flow = walk(node, dot); flow != Flow::On) return flow;
        return Flow::On;
    }

    Flow walk(const Node& node, const TemplateValue& dot) {
        switch (node.kind) {
            case Node::Text: write(node.text); return Flow::On;
            case Node::Break: return Flow::Break;
            case Node::Continue: return Flow::Continue;
            case Node::Action: act(node, dot); return Flow::On;
            case Node::If:
            case Node::With: return choose(node, dot);
            case Node::Range: return loop(node, dot);
            case Node::List: return walk(node.body, dot);
        }
        return Flow::On;
    }

    void act(const Node& node, const TemplateValue& dot) {
        const TemplateValue value = evaluate(node.pipeline, dot);
        require(value, node.pipeline);
        if (node.pipeline.variables.empty()) write(printed(value));
        else bind(node.pipeline, 0, value);
    }

    void write(const std::string& text) {
        charge(text.size());
        out_ += text;
    }

    /// A template may loop or double a text for ever; it is refused before it takes the machine's time or memory.
    void charge(std::size_t cost) {
        cost_ += costOfStep + cost;
        if (cost_ > maximumCost) throw Error("the template repeats too much").hint("make it shorter: it may print and copy 16 MiB at most");
    }

    TemplateValue charged(TemplateValue value) {
        charge(value.json.is_string() ? value.json.get_ref<const std::string&>().size() : value.json.is_structured() ? value.json.size() * costOfElement : 0);
        return value;
    }

    Flow choose(const Node& node, const TemplateValue& dot) {
        const std::size_t scope = variables_.size();
        const TemplateValue value = evaluate(node.pipeline, dot);
        if (!node.pipeline.variables.empty()) bind(node.pipeline, 0, value);
        const Flow flow = isTrue(value) ? walk(node.body, node.kind == Node::With ? value : dot) : walk(node.otherwise, dot);
        variables_.resize(scope);
        return flow;
    }

    Flow loop(const Node& node, const TemplateValue& dot) {
        const std::size_t scope = variables_.size();
        const TemplateValue value = evaluate(node.pipeline, dot);
        const json& items = value.json;
        if (!value.missing.empty()) require(value, node.pipeline);
        if (titles_ == nullptr && !items.is_null() && !items.is_structured() && !items.is_number_integer())
            fail(node.pipeline.commands.front().operands.front(), "range can't iterate over " + printed(value));
        bool any = false, stopped = false;
        const auto turn = [&](const json& key, const json& item) {
            any = true;
            charge(node.body.size() * costOfStep);
            const TemplateValue element{item, {}, {}, false};
            if (node.pipeline.variables.size() == 2) bind(node.pipeline, 0, TemplateValue{key, {}, {}, false});
            if (!node.pipeline.variables.empty()) bind(node.pipeline, node.pipeline.variables.size() - 1, element);
            stopped = walk(node.body, element) == Flow::Break;
            if (!node.pipeline.assigns) variables_.resize(scope);
        };
        if (items.is_object()) {
            for (auto item = items.begin(); item != items.end() && !stopped; ++item) turn(item.key(), item.value());
        } else if (items.is_array()) {
            for (std::size_t i = 0; i < items.size() && !stopped; ++i) turn(i, items[i]);
        } else if (items.is_number_integer()) {
            for (std::int64_t i = 0; i < items.get<std::int64_t>() && !stopped; ++i) turn(i, i);
        } else if (titles_ != nullptr) {
            turn(0, items);
        }
        const Flow flow = any ? Flow::On : walk(node.otherwise, dot);
        variables_.resize(scope);
        return flow;
    }

    void bind(const TemplatePipeline& pipeline, std::size_t index, const TemplateValue& value) {
        const std::string& name = pipeline.variables[index];
        if (pipeline.assigns) {
            const auto found = std::find_if(variables_.rbegin(), variables_.rend(), [&](const auto& v) { return v.first == name; });
            if (found != variables_.rend()) found->second = value;
        } else {
            variables_.emplace_back(name, value);
        }
    }

    /// A key that is not there may be asked about, but not used.
    void require(const TemplateValue& value, const TemplatePipeline& pipeline) const {
        if (!value.missing.empty()) fail(pipeline.commands.back().operands.front(), value.missing);
    }

    TemplateValue evaluate(const TemplatePipeline& pipeline, const TemplateValue& dot) {
        std::optional<TemplateValue> piped;
        for (const TemplateCommand& command : pipeline.commands) piped = evaluate(command, dot, piped);
        return std::move(*piped);
    }

    TemplateValue evaluate(const TemplateCommand& command, const TemplateValue& dot, const std::optional<TemplateValue>& piped) {
        const TemplateOperand& first = command.operands.front();
        if (first.kind == TemplateOperand::Function) return call(command, dot, piped);
        const bool hasArguments = command.operands.size() > 1 || piped.has_value();
        if (!hasArguments) return evaluate(first, dot);
        if (first.kind == TemplateOperand::Dot && first.fields.size() == 1) {
            std::vector<json> arguments;
            for (std::size_t i = 1; i < command.operands.size(); ++i) arguments.push_back(evaluate(command.operands[i], dot).json);
            if (piped) arguments.push_back(piped->json);
            if (titles_ != nullptr)
                return text(!arguments.empty() && arguments[0].is_string() ? titleOfLabel(arguments[0].get<std::string>()) : first.fields[0]);
            if (const auto method = methods_.find(first.fields[0]); method != methods_.end())
                return TemplateValue{method->second(arguments), {}, {}, false};
        }
        fail(first, fmt::format("{} has arguments but cannot be invoked as function", first.source));
    }

    static TemplateValue text(std::string value) { return TemplateValue{json(std::move(value)), {}, {}, false}; }

    TemplateValue call(const TemplateCommand& command, const TemplateValue& dot, const std::optional<TemplateValue>& piped) {
        const TemplateOperand& function = command.operands.front();
        if (function.name == "and" || function.name == "or") return shortCircuit(command, dot, piped);
        std::vector<TemplateValue> arguments;
        for (std::size_t i = 1; i < command.operands.size(); ++i) arguments.push_back(evaluate(command.operands[i], dot));
        if (piped) arguments.push_back(*piped);
        if (titles_ != nullptr) return charged(titleThrough(function.name, arguments));
        if (function.name != "not")
            for (const TemplateValue& argument : arguments)
                if (!argument.missing.empty()) fail(command.operands.size() > 1 ? command.operands[1] : function, argument.missing);
        try {
            TemplateValue result = charged(callTemplateFunction(function.name, arguments));
            return function.fields.empty() ? result : descend(result, function);
        } catch (const Error& error) {
            fail(function, fmt::format("error calling {}: {}", function.name, error.what()));
        }
    }

    /// In the header line functions that change text leave titles as they are.
    static TemplateValue titleThrough(const std::string& name, const std::vector<TemplateValue>& arguments) {
        static constexpr std::string_view changing[] = {"json", "join", "lower", "upper", "title", "truncate", "split", "pad", "slice", "index", "len"};
        if (std::find(std::begin(changing), std::end(changing), name) == std::end(changing)) return callTemplateFunction(name, arguments);
        // A value arrives last when it is piped, first when it is an argument.
        for (const TemplateValue& argument : arguments)
            if (!argument.name.empty()) return argument;
        return arguments.empty() ? text({}) : arguments.front();
    }

    TemplateValue shortCircuit(const TemplateCommand& command, const TemplateValue& dot, const std::optional<TemplateValue>& piped) {
        const bool isAnd = command.operands.front().name == "and";
        TemplateValue result;
        const std::size_t count = command.operands.size() - 1 + (piped ? 1U : 0U);
        if (count == 0) fail(command.operands.front(), "wrong number of args: want at least 1 got 0");
        for (std::size_t i = 0; i < count; ++i) {
            result = i + 1 < command.operands.size() ? evaluate(command.operands[i + 1], dot) : *piped;
            if (isTrue(result) != isAnd) return result;
        }
        return result;
    }

    TemplateValue evaluate(const TemplateOperand& operand, const TemplateValue& dot) { return charged(valueOf(operand, dot)); }

    TemplateValue valueOf(const TemplateOperand& operand, const TemplateValue& dot) {
        switch (operand.kind) {
            case TemplateOperand::Dot: return operand.fields.empty() ? dot : descend(dot, operand);
            case TemplateOperand::Literal: return TemplateValue{operand.literal, {}, {}, false};
            case TemplateOperand::Variable: return descend(variable(operand), operand);
            case TemplateOperand::Parenthesis: return descend(evaluate(*operand.pipeline, dot), operand);
            case TemplateOperand::Function: {
                TemplateCommand command;
                command.operands.emplace_back();
                command.operands.front().kind = TemplateOperand::Function;
                command.operands.front().name = operand.name;
                command.operands.front().position = operand.position;
                command.operands.front().source = operand.source;
                return call(command, dot, std::nullopt);
            }
        }
        return {};
    }

    const TemplateValue& variable(const TemplateOperand& operand) const {
        const auto found = std::find_if(variables_.rbegin(), variables_.rend(), [&](const auto& v) { return v.first == operand.name; });
        if (found == variables_.rend()) fail(operand, fmt::format("undefined variable: {}", operand.name));
        return found->second;
    }

    TemplateValue descend(const TemplateValue& from, const TemplateOperand& operand) const {
        if (operand.fields.empty()) return from;
        if (!from.missing.empty()) fail(operand, from.missing);
        if (titles_ != nullptr) return titleOfFields(operand.fields);
        const json* value = &from.json;
        std::string name = from.name;
        for (std::size_t i = 0; i < operand.fields.size(); ++i) {
            const std::string& field = operand.fields[i];
            if (value->is_null()) fail(operand, fmt::format("nil pointer evaluating interface {{}}.{}", field));
            if (!value->is_object()) fail(operand, fmt::format("can't evaluate field {} in type {}", field, value->type_name()));
            const auto found = value->find(field);
            if (found == value->end()) {
                if (hasUserKeys(name)) return TemplateValue{nullptr, field, {}, true};
                TemplateValue missing{nullptr, field, fmt::format("map has no entry for key \"{}\"", field), false};
                if (i + 1 < operand.fields.size()) fail(operand, missing.missing);
                return missing;
            }
            value = &*found;
            name = field;
        }
        return TemplateValue{*value, name, {}, false};
    }

    TemplateValue titleOfFields(const std::vector<std::string>& fields) const {
        const auto known = titles_->find(fields.back());
        TemplateValue value = text(known != titles_->end() ? known->second : titleOf(fields.back()));
        value.name = fields.back();
        return value;
    }

    const std::string& source_;
    const Template::Methods& methods_;
    const std::map<std::string, std::string>* titles_;
    std::vector<std::pair<std::string, TemplateValue>> variables_;
    std::string out_;
    std::size_t cost_ = 0;
};

}  // namespace

Template::Template(std::unique_ptr<Node> root) : root_(std::move(root)) {}
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;
Template::~Template() = default;

std::string Template::render(const json& data, const Methods& methods) const {
    return Evaluator(root_->source, data, methods, nullptr).run(*root_);
}

std::string Template::header(const std::map<std::string, std::string>& names) const {
    const Methods none;
    const json data;
    return Evaluator(root_->source, data, none, &names).run(*root_);
}

std::string compactJson(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace devc::engine

#include "compose/interpolate_tree.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "compose/interpolate.h"

namespace devc::compose {
namespace {

using schema::Cast;
using schema::Shape;

std::string lowered(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return lower;
}

/// Whether YAML 1.2 has this boolean too, whatever its case.
bool isBool(std::string_view text) { return lowered(text) == "true" || lowered(text) == "false"; }

std::optional<bool> parseBool(std::string_view text) {
    std::string lower = lowered(text);
    if (lower == "true" || lower == "yes" || lower == "y" || lower == "on") return true;
    if (lower == "false" || lower == "no" || lower == "n" || lower == "off") return false;
    return std::nullopt;
}

template <typename Number>
std::optional<Number> parseNumber(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    Number value{};
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

/// Gives an interpolated text the type that its place wants.
void castText(Node& node, Cast cast, const std::string& path, Problems& problems) {
    Tag tag = node.tag;
    switch (cast) {
        case Cast::None: return;
        case Cast::Bool:
            if (auto value = parseBool(node.text)) {
                node = Node::boolean(*value, node.at);
            } else {
                problems.add(node.at, fmt::format("{}: failed to cast to expected type: invalid boolean: {}", path, node.text));
            }
            break;
        case Cast::Integer:
            if (auto value = parseNumber<std::int64_t>(node.text)) {
                node = Node::number(*value, node.at);
            } else {
                problems.add(node.at, fmt::format("{}: failed to cast to expected type: \"{}\" is not an integer", path, node.text));
            }
            break;
        case Cast::Number:
            if (auto value = parseNumber<double>(node.text)) {
                node = Node::floating(*value, node.at);
            } else {
                problems.add(node.at, fmt::format("{}: failed to cast to expected type: \"{}\" is not a number", path, node.text));
            }
            break;
    }
    node.tag = tag;
}

class TreeInterpolator {
public:
    TreeInterpolator(const StringMap& environment, Budget& budget, Problems& problems, std::function<void(const std::string&)> warn)
        : budget_(budget), problems_(problems), lookup_([&environment](std::string_view name) -> std::optional<std::string> {
              auto found = environment.find(std::string(name));
              return found == environment.end() ? std::nullopt : std::optional<std::string>(found->second);
          }),
          warn_(std::move(warn)),
          unset_([this](std::string_view name) { warn_(unsetText(name)); }) {}

    void tree(Node& node, const Shape* shape, const std::string& path) {
        if (node.tag == Tag::Reset) return;
        if (node.isString()) {
            if (node.text.find('$') != std::string::npos) text(node, path);
            if (!shape || shape->cast == Cast::None) return;
            std::string before = node.text;
            castText(node, shape->cast, path, problems_);
            if (node.kind == Kind::Bool && !isBool(before)) {
                warn_(fmt::format("\"{}\" for boolean is not supported by YAML 1.2, please use `{}`", before, node.scalarText()));
            }
            return;
        }
        if (node.isMap()) {
            for (Entry& entry : node.entries) {
                const schema::Attribute* attribute = shape ? shape->attribute(entry.key) : nullptr;
                const Shape* child = attribute ? &attribute->shape : shape ? shape->values : nullptr;
                tree(entry.value, child, path.empty() ? entry.key : path + "." + entry.key);
            }
        } else if (node.isList()) {
            for (std::size_t i = 0; i < node.entries.size(); ++i) {
                tree(node.entries[i].value, shape ? shape->items : nullptr, fmt::format("{}[{}]", path, i));
            }
        }
    }

private:
    void text(Node& node, const std::string& path) {
        try {
            node.text = interpolate(node.text, lookup_, unset_);
            budget_.addBytes(node.text.size(), node.at);
        } catch (const InterpolationError& error) {
            problems_.add(node.at, fmt::format("error while interpolating {}: {}", path, error.message));
        }
    }

    Budget& budget_;
    Problems& problems_;
    Lookup lookup_;
    std::function<void(const std::string&)> warn_;
    Unset unset_;
};

}  // namespace

void interpolateTree(Node& node, const Shape& shape, const StringMap& environment, Budget& budget, Problems& problems,
                     const std::function<void(const std::string&)>& warn) {
    TreeInterpolator(environment, budget, problems, warn).tree(node, &shape, {});
}

}  // namespace devc::compose

#include "compose/schema/check.h"

#include <cmath>
#include <map>

#include <fmt/format.h>

namespace devc::compose::schema {
namespace {

bool letterOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

/// ^[a-zA-Z0-9._-]+$
bool isName(std::string_view text) {
    for (char c : text) {
        if (!letterOrDigit(c) && c != '.' && c != '_' && c != '-') return false;
    }
    return !text.empty();
}

unsigned kindBit(const Node& node) {
    switch (node.kind) {
        case Kind::Null: return accept::Null;
        case Kind::Bool: return accept::Bool;
        case Kind::Integer: return accept::Integer;
        case Kind::Float: return accept::Float | (node.real == std::floor(node.real) ? accept::Integer : 0);
        case Kind::String: return accept::String;
        case Kind::List: return accept::List;
        case Kind::Map: return accept::Map;
    }
    return 0;
}

std::string kindNames(unsigned accepts) {
    struct Name {
        unsigned bits;
        std::string_view name;
    };
    static constexpr Name names[] = {{accept::Map, "mapping"},    {accept::List, "list"},       {accept::Bool, "boolean"},
                                     {accept::Float, "number"},   {accept::Integer, "integer"}, {accept::String, "string"},
                                     {accept::Null, "null"}};
    std::string text;
    for (const Name& name : names) {
        if (!(accepts & name.bits)) continue;
        if (name.bits == accept::Integer && (accepts & accept::Float)) continue;
        if (!text.empty()) text += " or ";
        text += name.name;
    }
    return text;
}

std::string_view kindName(const Node& node) {
    switch (node.kind) {
        case Kind::Null: return "nothing (null)";
        case Kind::Bool: return "a boolean";
        case Kind::Integer:
        case Kind::Float: return "a number";
        case Kind::String: return "a string";
        case Kind::List: return "a list";
        case Kind::Map: return "a mapping";
    }
    return {};
}

std::string below(const std::string& path, std::string_view key) {
    return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

class Checker {
public:
    explicit Checker(Problems& problems) : problems_(problems) {}

    void value(const Node& node, const Shape& shape, const std::string& path) {
        if (node.tag == Tag::Reset) return;
        if (!(kindBit(node) & shape.accepts)) {
            std::string article = shape.accepts == accept::Integer || shape.accepts == (accept::Integer | accept::String) ? "an" : "a";
            problems_.add(node.at, fmt::format("{} must be {} {}, not {}", path.empty() ? "the top level" : path, article,
                                               kindNames(shape.accepts), kindName(node)));
            return;
        }
        switch (node.kind) {
            case Kind::Map: mapping(node, shape, path); break;
            case Kind::List: list(node, shape, path); break;
            default: scalar(node, shape, path); break;
        }
    }

private:
    void mapping(const Node& node, const Shape& shape, const std::string& path) {
        if (shape.values) {
            for (const Entry& entry : node.entries) freeKey(entry, shape, path);
            return;
        }
        if (!shape.attributes) return;
        for (const Entry& entry : node.entries) {
            if (const Attribute* attribute = shape.attribute(entry.key)) {
                std::string place = below(path, entry.key);
                value(entry.value, attribute->shape, place);
                if (attribute->unique == Unique::Strict) distinct(entry.value, place);
            } else if (!shape.open && !(shape.extensions && entry.key.starts_with("x-"))) {
                unknownKey(entry, shape, path);
            }
        }
        for (std::size_t i = 0; i < shape.attributeCount; ++i) {
            const Attribute& attribute = shape.attributes[i];
            if (attribute.required && !node.find(attribute.name)) {
                problems_.add(node.at, fmt::format("{}: missing property '{}'", path, attribute.name));
            }
        }
    }

    void freeKey(const Entry& entry, const Shape& shape, const std::string& path) {
        bool fits = shape.keys == Keys::Any ? !entry.key.empty() : isName(entry.key);
        if (!fits) {
            problems_.add(entry.at, fmt::format("{} additional properties '{}' not allowed", path, entry.key),
                          entry.key.empty() ? "a name is missing" : shape.keys == Keys::Name ? "names have letters, digits, '.', '_' and '-' only" : "");
            return;
        }
        value(entry.value, *shape.values, below(path, entry.key));
    }

    void unknownKey(const Entry& entry, const Shape& shape, const std::string& path) {
        if (problems_.full()) return;
        std::vector<std::string_view> names;
        for (std::size_t i = 0; i < shape.attributeCount; ++i) names.push_back(shape.attributes[i].name);
        std::string hint = didYouMean(entry.key, names);
        if (path.empty() && hint.empty() && entry.value.isMap() && (entry.value.find("image") || entry.value.find("build"))) {
            hint = "services stand below `services:` since version 2 of the format";
        }
        problems_.add(entry.at, fmt::format("{} additional properties '{}' not allowed", path, entry.key), hint);
    }

    void list(const Node& node, const Shape& shape, const std::string& path) {
        if (!shape.items) return;
        for (std::size_t i = 0; i < node.entries.size(); ++i) {
            value(node.entries[i].value, *shape.items, fmt::format("{}.{}", path, i));
        }
    }

    void distinct(const Node& node, const std::string& path) {
        if (!node.isList()) return;
        std::map<std::pair<Kind, std::string>, std::size_t> seen;
        for (std::size_t i = 0; i < node.entries.size(); ++i) {
            const Node& item = node.entries[i].value;
            auto [first, fresh] = seen.try_emplace({item.kind, item.scalarText()}, i);
            if (fresh || !item.isScalar()) continue;
            problems_.add(node.entries[i].at, fmt::format("{}: items at {} and {} are equal, they must be unique", path, first->second, i));
            return;
        }
    }

    void scalar(const Node& node, const Shape& shape, const std::string& path) {
        if (node.kind == Kind::Float && !std::isfinite(node.real)) {
            problems_.add(node.at, fmt::format("{}: {} is not a number that can be written", path, node.scalarText()));
            return;
        }
        if (shape.choiceCount > 0 && node.isString()) {
            std::vector<std::string_view> names(shape.choices, shape.choices + shape.choiceCount);
            std::string listed;
            for (std::string_view name : names) {
                if (name == node.text) return;
                if (!listed.empty()) listed += ", ";
                listed += fmt::format("'{}'", name);
            }
            problems_.add(node.at, fmt::format("{} value must be one of {}", path, listed), didYouMean(node.text, names));
        }
        if (!shape.pattern.empty() && node.isString() && !shape.matches(node.text)) {
            problems_.add(node.at, fmt::format("{} '{}' does not match pattern '{}'", path, node.text, shape.pattern));
        }
        if (!shape.bounded || (node.kind != Kind::Integer && node.kind != Kind::Float)) return;
        double number = node.kind == Kind::Integer ? static_cast<double>(node.integer) : node.real;
        if (number < shape.minimum) {
            problems_.add(node.at, fmt::format("{}: must be greater than or equal to {}", path, shape.minimum));
        } else if (number > shape.maximum) {
            problems_.add(node.at, fmt::format("{}: must be less than or equal to {:.0f}", path, shape.maximum));
        }
    }

    Problems& problems_;
};

}  // namespace

void check(const Node& node, const Shape& shape, const std::string& path, Problems& problems) {
    Checker(problems).value(node, shape, path);
}

}  // namespace devc::compose::schema

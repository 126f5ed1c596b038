#include "compose/render/json.h"

#include <fmt/format.h>

#include "compose/source/scalar.h"
#include "compose/source/utf8.h"

namespace devc::compose {
namespace {

constexpr std::string_view replacement = "\\ufffd";  // of a byte that is no UTF-8, as Go writes it

class Writer {
public:
    explicit Writer(int indent) : indent_(indent) {}

    void value(const Node& node, const schema::Shape* shape, bool extensions) {
        switch (node.kind) {
            case Kind::Null: text += "null"; break;
            case Kind::Bool: text += node.integer ? "true" : "false"; break;
            case Kind::Integer: text += std::to_string(node.integer); break;
            case Kind::Float: text += jsonNumber(node); break;
            case Kind::String: string(node.text); break;
            case Kind::List: list(node, shape); break;
            case Kind::Map: map(node, shape, extensions); break;
        }
    }

    std::string text;

private:
    void line() {
        if (indent_ == 0) return;
        text += '\n';
        text.append(static_cast<std::size_t>(indent_ * depth_), ' ');
    }

    void open(char bracket) {
        text += bracket;
        ++depth_;
        first_ = true;
    }

    void close(char bracket) {
        --depth_;
        if (!first_) line();
        first_ = false;
        text += bracket;
    }

    void separate() {
        if (!first_) text += ',';
        first_ = false;
        line();
    }

    void key(std::string_view name) {
        separate();
        string(name);
        text += indent_ ? ": " : ":";
    }

    void list(const Node& node, const schema::Shape* shape) {
        open('[');
        for (const Entry& entry : node.entries) {
            separate();
            value(entry.value, shape ? shape->items : nullptr, false);
        }
        close(']');
    }

    void map(const Node& node, const schema::Shape* shape, bool extensions) {
        open('{');
        if (shape && shape->attributes) {
            object(node, *shape, extensions);
        } else {
            for (const Entry& entry : node.entries) {
                key(entry.key);
                value(entry.value, shape ? shape->values : nullptr, false);
            }
        }
        close('}');
    }

    void object(const Node& node, const schema::Shape& shape, bool extensions) {
        for (std::size_t i = 0; i < shape.attributeCount; ++i) {
            const schema::Attribute& attribute = shape.attributes[i];
            const Node* found = node.find(attribute.name);
            if (!found && attribute.zero != schema::Zero::JsonNull && attribute.zero != schema::Zero::JsonEmpty) continue;
            if (found && attribute.zero == schema::Zero::KeepYaml && found->kind == Kind::Integer && found->integer == 0) continue;
            key(attribute.jsonName.empty() ? attribute.name : attribute.jsonName);
            if (found) {
                value(*found, &attribute.shape, false);
            } else if (attribute.zero == schema::Zero::JsonNull) {
                text += "null";
            } else {
                value(Node::map(), &attribute.shape, false);
            }
        }
        if (!extensions) return;
        for (const Entry& entry : node.entries) {
            if (shape.attribute(entry.key)) continue;
            key(entry.key);
            value(entry.value, nullptr, false);
        }
    }

    void string(std::string_view value) {
        text += '"';
        for (std::size_t i = 0; i < value.size(); ++i) {
            char c = value[i];
            auto byte = static_cast<unsigned char>(c);
            if (byte >= 0x80) {
                std::size_t length = utf8Length(value, i);
                text += length == 0 ? replacement : value.substr(i, length);
                if (length > 1) i += length - 1;
                continue;
            }
            switch (c) {
                case '"': text += "\\\""; break;
                case '\\': text += "\\\\"; break;
                case '\n': text += "\\n"; break;
                case '\r': text += "\\r"; break;
                case '\t': text += "\\t"; break;
                case '\b': text += "\\b"; break;
                case '\f': text += "\\f"; break;
                case '<':
                case '>':
                case '&':
                    // Go escapes these in one-line output; the digest of a service depends on it.
                    if (indent_ == 0) text += fmt::format("\\u{:04x}", byte);
                    else text += c;
                    break;
                default:
                    if (byte < 0x20) text += fmt::format("\\u{:04x}", byte);
                    else text += c;
            }
        }
        text += '"';
    }

    int indent_;
    int depth_ = 0;
    bool first_ = true;
};

}  // namespace

std::string toJson(const Node& node, const schema::Shape* shape, int indent) {
    Writer writer(indent);
    writer.value(node, shape, shape == &schema::project);
    return std::move(writer.text);
}

}  // namespace devc::compose

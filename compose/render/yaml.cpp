#include "compose/render/yaml.h"

#include <algorithm>

#include "compose/render/yaml_scalar.h"

namespace devc::compose {
namespace {

class Writer {
public:
    std::string text;

    void map(const Node& node, int depth, bool firstInLine) {
        for (const Entry& entry : node.entries) {
            if (!firstInLine) indent(depth);
            firstInLine = false;
            text += yamlKey(entry.key);
            text += ':';
            member(entry.value, depth);
        }
    }

    void list(const Node& node, int depth, bool firstInLine) {
        for (const Entry& entry : node.entries) {
            if (!firstInLine) indent(depth);
            firstInLine = false;
            text += '-';
            if (!entry.value.entries.empty()) {
                text += ' ';
                nested(entry.value, depth + 1, true);
            } else {
                text += ' ';
                leaf(entry.value, depth);
            }
        }
    }

    void leaf(const Node& node, int depth) {
        switch (node.kind) {
            case Kind::Null: text += "null"; break;
            case Kind::Bool: text += node.integer ? "true" : "false"; break;
            case Kind::Integer: text += std::to_string(node.integer); break;
            case Kind::Float: text += node.scalarText(); break;
            case Kind::String: text += yamlText(node.text, column(), (depth + 1) * 2); break;
            case Kind::List: text += "[]"; break;
            case Kind::Map: text += "{}"; break;
        }
        text += '\n';
    }

private:
    /// Characters in the line that is being written.
    int column() const {
        std::string_view line = std::string_view(text).substr(text.rfind('\n') + 1);
        return static_cast<int>(std::count_if(line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
    }

    void indent(int depth) { text.append(static_cast<std::size_t>(depth) * 2, ' '); }

    void nested(const Node& node, int depth, bool firstInLine) {
        if (node.isMap()) map(node, depth, firstInLine);
        else list(node, depth, firstInLine);
    }

    void member(const Node& node, int depth) {
        if (node.entries.empty()) {
            text += ' ';
            leaf(node, depth);
        } else {
            text += '\n';
            nested(node, depth + 1, false);
        }
    }
};

}  // namespace

std::string toYaml(const Node& node) {
    Writer writer;
    if (node.entries.empty()) {
        writer.leaf(node, 0);
    } else if (node.isMap()) {
        writer.map(node, 0, true);
    } else {
        writer.list(node, 0, true);
    }
    return std::move(writer.text);
}

}  // namespace devc::compose

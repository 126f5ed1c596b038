#include "compose/render/yaml.h"

#include <fmt/format.h>

#include "compose/source/base64.h"
#include "compose/source/scalar.h"
#include "compose/source/utf8.h"

namespace devc::compose {
namespace {

enum class Style { Plain, Single, Double, Literal, Binary };

bool isIndicator(std::string_view text, std::size_t i, bool first) {
    char c = text[i];
    bool blankNext = i + 1 == text.size() || text[i + 1] == ' ' || text[i + 1] == '\t' || text[i + 1] == '\n';
    if (first) {
        if (std::string_view("#,[]{}&*!|>'\"%@`").find(c) != std::string_view::npos) return true;
        if ((c == '?' || c == ':' || c == '-') && blankNext) return true;
    }
    if (c == ':' && blankNext) return true;
    bool blankBefore = i > 0 && (text[i - 1] == ' ' || text[i - 1] == '\t' || text[i - 1] == '\n');
    return c == '#' && blankBefore;
}

/// What a text has that some styles cannot show.
struct Analysis {
    bool binary = false;       // bytes that are no UTF-8
    bool special = false;      // control characters, byte order mark
    bool lines = false;
    bool indicators = false;
    bool edgeSpace = false;
    bool trailingSpace = false;
    bool spaceBreak = false;   // a space before a line break
};

Analysis analyze(std::string_view text) {
    Analysis result;
    result.binary = !isUtf8(text);
    result.indicators = text.starts_with("---") || text.starts_with("...");
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto byte = static_cast<unsigned char>(text[i]);
        if (byte == '\n') {
            result.lines = true;
            if (i > 0 && text[i - 1] == ' ') result.spaceBreak = true;
        } else if (byte < 0x20 || byte == 0x7F || text.substr(i).starts_with("\xEF\xBB\xBF")) {
            result.special = true;
        }
        if (isIndicator(text, i, i == 0)) result.indicators = true;
    }
    result.edgeSpace = text.starts_with(' ') || text.ends_with(' ');
    result.trailingSpace = text.ends_with(' ');
    return result;
}

Style styleOf(std::string_view text, bool key) {
    if (text.empty()) return Style::Double;
    Analysis a = analyze(text);
    if (a.binary) return Style::Binary;
    if (a.special) return Style::Double;
    if (a.lines) return key || a.trailingSpace || a.spaceBreak ? Style::Double : Style::Literal;
    if (!readsAsString(text)) return Style::Double;
    return a.indicators || a.edgeSpace ? Style::Single : Style::Plain;
}

std::string doubleQuoted(std::string_view text) {
    std::string result = "\"";
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto byte = static_cast<unsigned char>(text[i]);
        switch (byte) {
            case '"': result += "\\\""; break;
            case '\\': result += "\\\\"; break;
            case '\n': result += "\\n"; break;
            case '\r': result += "\\r"; break;
            case '\t': result += "\\t"; break;
            case 0: result += "\\0"; break;
            case 0x1B: result += "\\e"; break;
            case '\a': result += "\\a"; break;
            case '\b': result += "\\b"; break;
            case '\v': result += "\\v"; break;
            case '\f': result += "\\f"; break;
            default:
                if (byte < 0x20 || byte == 0x7F) result += fmt::format("\\x{:02X}", byte);
                else result += text[i];
        }
    }
    return result + '"';
}

std::string singleQuoted(std::string_view text) {
    std::string result = "'";
    for (char c : text) {
        if (c == '\'') result += '\'';
        result += c;
    }
    return result + '\'';
}

class Writer {
public:
    std::string text;

    void map(const Node& node, int depth, bool firstInLine) {
        for (const Entry& entry : node.entries) {
            if (!firstInLine) indent(depth);
            firstInLine = false;
            text += scalarText(entry.key, true, depth);
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
            case Kind::String: text += scalarText(node.text, false, depth); break;
            case Kind::List: text += "[]"; break;
            case Kind::Map: text += "{}"; break;
        }
        text += '\n';
    }

private:
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

    static std::string scalarText(std::string_view value, bool key, int depth) {
        switch (styleOf(value, key)) {
            case Style::Plain: return std::string(value);
            case Style::Single: return singleQuoted(value);
            case Style::Double: return doubleQuoted(value);
            case Style::Literal: return literal(value, depth + 1);
            case Style::Binary: return "!!binary " + toBase64(value);
        }
        return {};
    }

    static std::string literal(std::string_view value, int depth) {
        std::string result = "|";
        if (value.starts_with(' ') || value.starts_with('\n')) result += '2';
        if (!value.ends_with('\n')) {
            result += '-';
        } else if (value.ends_with("\n\n") || value == "\n") {
            result += '+';
        }
        std::string_view body = value.ends_with('\n') ? value.substr(0, value.size() - 1) : value;
        while (true) {
            std::size_t end = body.find('\n');
            std::string_view line = body.substr(0, end);
            result += '\n';
            if (!line.empty()) result.append(static_cast<std::size_t>(depth) * 2, ' ');
            result += line;
            if (end == std::string_view::npos) return result;
            body.remove_prefix(end + 1);
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

#include "compose/render/yaml_scalar.h"

#include <array>

#include <fmt/format.h>

#include "compose/source/base64.h"
#include "compose/source/scalar.h"
#include "compose/source/utf8.h"

namespace devc::compose {
namespace {

constexpr int width = 80;

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

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?: a number to base 60 in YAML 1.1.
bool isSexagesimal(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    std::size_t end = text.find_first_not_of("0123456789_");
    if (text.empty() || !isDigit(text[0]) || end == std::string_view::npos || text[end] != ':') return false;
    text.remove_prefix(end);
    while (text.starts_with(':')) {
        text.remove_prefix(1);
        std::size_t digits = 0;
        while (digits < text.size() && digits < 2 && isDigit(text[digits])) ++digits;
        if (digits == 0 || (digits == 2 && text[0] > '5')) return false;
        text.remove_prefix(digits);
    }
    return text.empty() || (text[0] == '.' && text.find_first_not_of("0123456789_", 1) == std::string_view::npos);
}

/// Whether YAML 1.1 would have read something else than a string, or a merge key.
bool isOldYaml(std::string_view text) {
    static constexpr std::array<std::string_view, 17> words = {"y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF", "<<"};
    for (std::string_view word : words) {
        if (text == word) return true;
    }
    return isSexagesimal(text);
}

Style styleOf(std::string_view text, bool key) {
    if (text.empty()) return Style::Double;
    Analysis a = analyze(text);
    if (a.binary) return Style::Binary;
    if (a.special) return Style::Double;
    if (a.lines) return key || a.trailingSpace || a.spaceBreak ? Style::Double : Style::Literal;
    if (isOldYaml(text)) return Style::Single;
    if (!readsAsString(text)) return Style::Double;
    return a.indicators || a.edgeSpace ? Style::Single : Style::Plain;
}

/// Writes the characters of a scalar, and goes to the next line at a blank beyond the width.
class Folder {
public:
    Folder(int column, int indent, bool folds) : column_(column), indent_(indent), folds_(folds) {}

    void put(std::string_view piece) {
        text += piece;
        for (char c : piece) column_ += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
        afterBlank_ = piece == " ";
    }

    /// Whether a blank here ends the line instead of being written.
    bool breaksAt(std::string_view whole, std::size_t i) const {
        return folds_ && !afterBlank_ && column_ > width && i > 0 && i + 1 < whole.size();
    }

    void breakLine() {
        text += '\n';
        text.append(static_cast<std::size_t>(indent_), ' ');
        column_ = indent_;
        afterBlank_ = true;
    }

    std::string text;

private:
    int column_;
    int indent_;
    bool folds_;
    bool afterBlank_ = false;
};

std::string escaped(char c) {
    static constexpr std::string_view letters = "\"\\\n\r\t\x1b\a\b\v\f";
    static constexpr std::string_view names = "\"\\nrteabvf";
    if (std::size_t known = letters.find(c); known != std::string_view::npos) return {'\\', names[known]};
    if (c == 0) return "\\0";
    auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F ? fmt::format("\\x{:02X}", byte) : std::string(1, c);
}

void writeDouble(Folder& out, std::string_view text) {
    out.put("\"");
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != ' ' || !out.breaksAt(text, i)) {
            out.put(escaped(text[i]));
            continue;
        }
        out.breakLine();
        if (text[i + 1] == ' ') out.text += '\\';  // a blank at the start of a line would be lost
    }
    out.put("\"");
}

void writePlain(Folder& out, std::string_view text, bool quoted) {
    if (quoted) out.put("'");
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == ' ' && out.breaksAt(text, i) && text[i + 1] != ' ') {
            out.breakLine();
        } else {
            out.put(quoted && text[i] == '\'' ? "''" : text.substr(i, 1));
        }
    }
    if (quoted) out.put("'");
}

std::string literal(std::string_view value, int indent) {
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
        if (!line.empty()) result.append(static_cast<std::size_t>(indent), ' ');
        result += line;
        if (end == std::string_view::npos) return result;
        body.remove_prefix(end + 1);
    }
}

std::string scalarText(std::string_view text, bool key, int column, int indent) {
    Style style = styleOf(text, key);
    if (style == Style::Literal) return literal(text, indent);
    if (style == Style::Binary) return "!!binary " + toBase64(text);
    Folder out(column, indent, !key);
    if (style == Style::Double) {
        writeDouble(out, text);
    } else {
        writePlain(out, text, style == Style::Single);
    }
    return std::move(out.text);
}

}  // namespace

std::string yamlText(std::string_view text, int column, int indent) { return scalarText(text, false, column, indent); }
std::string yamlKey(std::string_view text) { return scalarText(text, true, 0, 0); }

}  // namespace devc::compose

#include "compose/source/dotenv.h"

#include <array>

#include <fmt/format.h>

#include "compose/problems.h"

namespace devc::compose {
namespace {

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r'; }
bool isSpace(char c) { return isBlank(c) || c == '\n'; }

void trimRight(std::string_view& text) {
    while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
}

/// \a \b \f \n \r \t \v \\ \" \$ and octal \0nnn, as in a shell's echo; other backslashes stay.
std::string expandEscapes(std::string_view text) {
    static constexpr std::string_view letters = "abfnrtv\\\"";
    static constexpr std::string_view meanings = "\a\b\f\n\r\t\v\\\"";
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            result += text[i];
            continue;
        }
        char next = text[i + 1];
        std::size_t letter = letters.find(next);
        if (letter != std::string_view::npos) {
            result += meanings[letter];
            ++i;
        } else if (next == '$') {
            result += "$$";
            ++i;
        } else if (next == '0') {
            unsigned value = 0;
            std::size_t digits = 0;
            while (digits < 3 && i + 2 + digits < text.size() && text[i + 2 + digits] >= '0' && text[i + 2 + digits] <= '7') {
                value = value * 8 + static_cast<unsigned>(text[i + 2 + digits] - '0');
                ++digits;
            }
            if (digits == 3 && value < 256) {
                result += static_cast<char>(value);
            } else {
                result += text.substr(i, 2 + digits);
            }
            i += 1 + digits;
        } else {
            result += text[i];
        }
    }
    return result;
}

class Reader {
public:
    Reader(const Source& source, const Lookup& outer, const Unset& unset) : source_(source), text_(source.text), outer_(outer), unset_(unset) {
        if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    }

    StringMap read() {
        while (skipToStatement()) statement();
        return std::move(values_);
    }

private:
    [[noreturn]] void fail(std::size_t where, std::string message) const {
        int line = 1;
        std::size_t start = 0;
        for (std::size_t i = 0; i < where && i < text_.size(); ++i) {
            if (text_[i] == '\n') {
                ++line;
                start = i + 1;
            }
        }
        throw LoadError({diagnose({&source_, line, static_cast<int>(where - start) + 1}, std::move(message))});
    }

    bool skipToStatement() {
        while (at_ < text_.size()) {
            if (isSpace(text_[at_])) {
                ++at_;
            } else if (text_[at_] == '#') {
                std::size_t end = text_.find('\n', at_);
                at_ = end == std::string_view::npos ? text_.size() : end;
            } else {
                return true;
            }
        }
        return false;
    }

    void skipBlanks() {
        while (at_ < text_.size() && isBlank(text_[at_])) ++at_;
    }

    void statement() {
        if (text_.substr(at_).starts_with("export") && at_ + 6 < text_.size() && isBlank(text_[at_ + 6])) {
            at_ += 6;
            skipBlanks();
        }
        bool hasValue = false;
        std::string key = readKey(hasValue);
        if (!hasValue) {
            if (auto inherited = outer_(key)) values_[key] = *inherited;
            return;
        }
        skipBlanks();
        std::size_t start = at_;
        std::string value = readValue();
        bytes_ += value.size();
        if (bytes_ > Budget::largestFile) fail(start, fmt::format("the values are longer than {} MiB together", Budget::largestFile >> 20U));
        values_[key] = std::move(value);
    }

    std::string readKey(bool& hasValue) {
        std::size_t start = at_;
        for (; at_ < text_.size(); ++at_) {
            char c = text_[at_];
            if (c == '=' || c == ':' || c == '\n') break;
            bool other = c == '_' || c == '.' || c == '-' || c == '[' || c == ']' || static_cast<unsigned char>(c) >= 0x80;
            bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (isBlank(c) || other || alphanumeric) continue;
            std::string_view line = text_.substr(start, text_.find('\n', start) - start);
            fail(at_, fmt::format("unexpected character \"{}\" in variable name \"{}\"", c, line));
        }
        std::string_view key = text_.substr(start, at_ - start);
        trimRight(key);
        if (key.find_first_of(" \t") != std::string_view::npos) fail(start, "key cannot contain a space");
        hasValue = at_ < text_.size() && text_[at_] != '\n';
        if (at_ < text_.size()) ++at_;
        return std::string(key);
    }

    std::string readValue() {
        if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) return readQuoted(text_[at_]);
        std::size_t start = at_;
        std::size_t end = text_.find('\n', at_);
        if (end == std::string_view::npos) end = text_.size();
        std::string_view value = text_.substr(start, end - start);
        at_ = end;
        value = value.substr(0, value.find(" #"));
        trimRight(value);
        return expand(value, start);
    }

    std::string readQuoted(char quote) {
        std::size_t start = at_++;
        std::string value;
        bool escaped = false;
        for (; at_ < text_.size(); ++at_) {
            char c = text_[at_];
            if (c == quote) {
                if (!escaped) {
                    ++at_;
                    return quote == '"' ? expand(expandEscapes(value), start) : value;
                }
                value += c;
                escaped = false;
                continue;
            }
            if (!escaped && c == '\\') {
                escaped = true;
                continue;
            }
            if (escaped) {
                value += '\\';
                escaped = false;
            }
            value += c;
        }
        std::string_view shown = text_.substr(start, text_.find('\n', start) - start);
        fail(start, fmt::format("unterminated quoted value {}", shown));
    }

    std::string expand(std::string_view value, std::size_t where) {
        try {
            return interpolate(value, [this](std::string_view name) -> std::optional<std::string> {
                if (auto found = outer_(name)) return found;
                auto mine = values_.find(std::string(name));
                return mine == values_.end() ? std::nullopt : std::optional<std::string>(mine->second);
            }, unset_);
        } catch (const InterpolationError& error) {
            fail(where, error.message);
        }
    }

    const Source& source_;
    std::string_view text_;
    const Lookup& outer_;
    const Unset& unset_;
    std::size_t at_ = 0;
    std::size_t bytes_ = 0;
    StringMap values_;
};

}  // namespace

StringMap parseDotenv(const Source& source, const Lookup& outer, const Unset& unset) { return Reader(source, outer, unset).read(); }

StringMap parseRawEnvironment(const Source& source, const Lookup& outer) {
    StringMap values;
    std::string_view text = source.text;
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    for (int number = 1; !text.empty(); ++number) {
        std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        while (!line.empty() && isBlank(line.front())) line.remove_prefix(1);
        if (line.empty() || line.starts_with('#')) continue;
        std::size_t equals = line.find('=');
        std::string key(line.substr(0, equals));
        Position at{&source, number, 1};
        if (key.empty()) throw LoadError({diagnose(at, fmt::format("no variable name on line '{}'", line))});
        if (key.find_first_of(" \t") != std::string::npos) throw LoadError({diagnose(at, fmt::format("variable '{}' contains whitespaces", key))});
        if (equals != std::string_view::npos) {
            values[key] = std::string(line.substr(equals + 1));
        } else if (auto inherited = outer(key)) {
            values[key] = *inherited;
        }
    }
    return values;
}

}  // namespace devc::compose

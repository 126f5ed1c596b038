#include "engine/build/expand.h"

#include <cctype>
#include <utility>

#include "engine/build/shell_pattern.h"
#include "engine/error.h"

namespace devc::engine::build {

namespace {

bool isSpace(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }
bool isNameStart(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool isNamePart(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// The words as they come together.
class Words {
public:
    /// Unquoted: white space ends a word.
    void add(char c) {
        if (isSpace(c)) finish();
        else raw(c);
    }
    void add(std::string_view text) {
        for (char c : text) add(c);
    }
    void raw(char c) {
        word_ += c;
        inWord_ = true;
    }
    /// Quoted: an empty text is a word too.
    void raw(std::string_view text) {
        word_ += text;
        inWord_ = true;
    }
    std::vector<std::string> take() {
        finish();
        return std::move(words_);
    }

private:
    void finish() {
        if (inWord_) words_.push_back(std::move(word_));
        word_.clear();
        inWord_ = false;
    }
    std::vector<std::string> words_;
    std::string word_;
    bool inWord_ = false;
};

class Scan {
public:
    Scan(std::string_view text, const ExpandOptions& options, const Lookup& lookup)
        : text_(text), options_(options), rawEscapes_(options.rawEscapes), lookup_(lookup) {}

    std::string all() { return until('\0'); }
    std::vector<std::string> words() { return words_.take(); }

private:
    bool atEnd() const { return at_ >= text_.size(); }
    char peek() const { return text_[at_]; }

    /// Up to `stop`, which is consumed, or the end if stop is NUL.
    std::string until(char stop) {
        if (++depth_ > 100) throw Error("substitutions are nested too deeply");
        std::string result;
        while (!atEnd()) {
            const char c = peek();
            if (stop != '\0' && c == stop) {
                ++at_;
                --depth_;
                return result;
            }
            if (c == '\'' && !options_.plainQuotes) {
                const std::string part = singleQuoted();
                words_.raw(part);
                result += part;
            } else if (c == '"' && !options_.plainQuotes) {
                const std::string part = doubleQuoted();
                words_.raw(part);
                result += part;
            } else if (c == '$') {
                Words outer = std::move(words_);
                words_ = Words();
                const std::string part = dollar();
                words_ = std::move(outer);
                words_.add(part);
                result += part;
            } else if (c == options_.escape) {
                ++at_;
                if (rawEscapes_) {
                    words_.raw(c);
                    result += c;
                }
                if (atEnd()) break;
                words_.raw(peek());
                result += text_[at_++];
            } else {
                words_.add(c);
                result += c;
                ++at_;
            }
        }
        if (stop != '\0') throw Error("syntax error: missing '}' in \"" + std::string(text_) + "\"");
        --depth_;
        return result;
    }

    std::string singleQuoted() {
        ++at_;
        const std::size_t end = text_.find('\'', at_);
        if (end == std::string_view::npos) throw Error("unexpected end of statement while looking for matching single-quote");
        std::string part(text_.substr(at_, end - at_));
        at_ = end + 1;
        return options_.rawQuotes ? "'" + part + "'" : part;
    }

    std::string doubleQuoted() {
        ++at_;
        std::string part;
        while (true) {
            if (atEnd()) throw Error("unexpected end of statement while looking for matching double-quote");
            const char c = peek();
            if (c == '"') break;
            if (c == '$') {
                Words outer = std::move(words_);
                words_ = Words();
                part += dollar();
                words_ = std::move(outer);
                continue;
            }
            ++at_;
            if (c == options_.escape) {
                if (rawEscapes_) part += c;
                if (atEnd()) continue;
                const char next = peek();
                if (next == '"' || next == '$' || next == options_.escape) {
                    part += next;
                    ++at_;
                } else if (!rawEscapes_) part += c;
                continue;
            }
            part += c;
        }
        ++at_;
        return options_.rawQuotes ? "\"" + part + "\"" : part;
    }

    std::string name() {
        const std::size_t start = at_;
        if (atEnd()) return {};
        if (isNameStart(peek())) {
            while (!atEnd() && isNamePart(peek())) ++at_;
        } else if (std::isdigit(static_cast<unsigned char>(peek()))) {
            while (!atEnd() && std::isdigit(static_cast<unsigned char>(peek()))) ++at_;
        } else if (std::string_view("@*#?-$!").find(peek()) != std::string_view::npos) {
            ++at_;
        }
        return std::string(text_.substr(start, at_ - start));
    }

    std::string unset(std::size_t start) const {
        return options_.keepUnset ? std::string(text_.substr(start, at_ - start)) : std::string();
    }

    std::string dollar() {
        const std::size_t start = at_++;
        if (atEnd()) return "$";
        if (peek() != '{') {
            const std::string variable = name();
            if (variable.empty()) return "$";
            const auto value = lookup_(variable);
            return value ? *value : unset(start);
        }
        ++at_;
        if (atEnd()) throw Error("syntax error: missing '}'");
        if (peek() == '}' || peek() == ':') throw Error("syntax error: bad substitution");
        const std::string variable = name();
        if (atEnd()) throw Error("syntax error: missing '}'");
        const auto value = lookup_(variable);
        char operation = text_[at_++];
        if (operation == '}') return value ? *value : unset(start);
        bool emptyIsUnset = false;
        if (operation == ':') {
            if (atEnd()) throw Error("syntax error: missing '}'");
            emptyIsUnset = true;
            operation = text_[at_++];
        }
        return modified(operation, emptyIsUnset, variable, value, start);
    }

    std::string modified(char operation, bool emptyIsUnset, const std::string& variable, const std::optional<std::string>& value,
                         std::size_t start) {
        const bool present = value && !(emptyIsUnset && value->empty());
        switch (operation) {
            case '-': {
                const std::string word = until('}');
                return present ? *value : word;
            }
            case '+': {
                const std::string word = until('}');
                return present ? word : std::string();
            }
            case '?': {
                const std::string message = until('}');
                if (present) return *value;
                throw Error(variable + ": " +
                            (!message.empty() ? message : value ? "is not allowed to be empty" : "is not allowed to be unset"));
            }
            case '#':
            case '%': {
                if (emptyIsUnset) break;
                std::string pattern = rawUntil('}');
                const bool longest = !pattern.empty() && pattern.front() == operation;
                if (longest) pattern.erase(0, 1);
                if (!value) return unset(start);
                return operation == '#' ? withoutPrefix(*value, pattern, longest) : withoutSuffix(*value, pattern, longest);
            }
            case '/': {
                if (emptyIsUnset) break;
                const bool all = !atEnd() && peek() == '/';
                if (all) ++at_;
                const std::string pattern = rawUntil('/');
                const std::string replacement = rawUntil('}');
                if (!value) return unset(start);
                return replaceMatches(*value, pattern, replacement, all);
            }
            default: break;
        }
        throw Error::of("unsupported modifier ({}{}) in substitution", emptyIsUnset ? ":" : "", operation);
    }

    /// Escapes stay: they mean something to the pattern.
    std::string rawUntil(char stop) {
        const bool before = std::exchange(rawEscapes_, true);
        std::string part = until(stop);
        rawEscapes_ = before;
        return part;
    }

    std::string_view text_;
    const ExpandOptions& options_;
    bool rawEscapes_;
    const Lookup& lookup_;
    std::size_t at_ = 0;
    int depth_ = 0;
    Words words_;
};

}  // namespace

std::string Expander::word(std::string_view text, const Lookup& lookup) const { return Scan(text, options_, lookup).all(); }

std::vector<std::string> Expander::words(std::string_view text, const Lookup& lookup) const {
    Scan scan(text, options_, lookup);
    scan.all();
    return scan.words();
}

}  // namespace devc::engine::build

#include "engine/build/source_lines.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "engine/build/expand.h"
#include "engine/build/parse_error.h"

namespace devc::engine::build {

namespace {

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r'; }

std::string_view trimLeft(std::string_view text) {
    while (!text.empty() && isBlank(text.front())) text.remove_prefix(1);
    return text;
}
std::string_view trim(std::string_view text) {
    text = trimLeft(text);
    while (!text.empty() && (isBlank(text.back()) || text.back() == '\n')) text.remove_suffix(1);
    return text;
}
bool isComment(std::string_view line) {
    line = trimLeft(line);
    return !line.empty() && line.front() == '#';
}

constexpr std::size_t longestLine = 65535;

/// Lines one after the other, with and without their end.
class Lines {
public:
    explicit Lines(std::string_view text) : rest_(text) {}
    bool next() {
        if (rest_.empty()) return false;
        const std::size_t end = rest_.find('\n');
        whole_ = rest_.substr(0, end == std::string_view::npos ? rest_.size() : end + 1);
        rest_.remove_prefix(whole_.size());
        ++number_;
        if (whole_.size() > longestLine) throw parseError(number_, "the line is longer than {} characters", longestLine);
        return true;
    }
    std::string_view whole() const { return whole_; }
    std::string_view line() const {
        std::string_view line = whole_;
        if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        return line;
    }
    int number() const { return number_; }

private:
    std::string_view rest_, whole_;
    int number_ = 0;
};

/// Removes the continuation character at the end; true if there was one. A doubled one is a literal one.
bool takeContinuation(std::string& line, char escape) {
    std::size_t end = line.size();
    while (end > 0 && (line[end - 1] == ' ' || line[end - 1] == '\t')) --end;
    if (end == 0 || line[end - 1] != escape) return false;
    if (end >= 2 && line[end - 2] == escape) return false;
    line.resize(end - 1);
    return true;
}

class DirectiveReader {
public:
    explicit DirectiveReader(Directives& directives) : directives_(directives) {}

    /// False when the line is no directive: none can follow.
    bool read(std::string_view line, int number) {
        line = trimLeft(line);
        if (line.empty() || line.front() != '#') return false;
        line = trim(line.substr(1));
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) return false;
        std::string key(trim(line.substr(0, equals)));
        if (key.empty() || !std::all_of(key.begin(), key.end(), [](unsigned char c) { return std::isalnum(c); })) return false;
        std::transform(key.begin(), key.end(), key.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (key != "escape" && key != "syntax" && key != "check") return false;
        if (!seen_.insert(key).second) throw parseError(number, "only one {} parser directive can be used", key);
        const std::string_view value = trim(line.substr(equals + 1));
        if (key == "escape") {
            if (value != "\\" && value != "`") throw parseError(number, "invalid escape token '{}' does not match ` or \\", value);
            directives_.escape = value.front();
        } else (key == "syntax" ? directives_.syntax : directives_.check) = value;
        return true;
    }

private:
    Directives& directives_;
    std::set<std::string> seen_;
};

bool mayHaveHeredoc(std::string_view line) {
    std::string name(line.substr(0, std::min(line.size(), line.find_first_of(" \t"))));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (name == "ONBUILD") return mayHaveHeredoc(trimLeft(line.substr(name.size())));
    return name == "ADD" || name == "COPY" || name == "RUN";
}

/// "<<" or "3<<" alone: the name is the next word.
bool announcesHeredoc(std::string_view word) {
    return word.ends_with("<<") && word.find_first_not_of("0123456789") == word.size() - 2;
}

std::vector<Heredoc> heredocsOf(const std::string& line, char escape) {
    if (line.find("<<") == std::string::npos || !mayHaveHeredoc(line)) return {};
    Expander expander({.escape = escape, .rawQuotes = true, .rawEscapes = true, .keepUnset = true});
    std::vector<Heredoc> found;
    std::vector<std::string> words;
    try {
        words = expander.words(line, [](std::string_view) { return std::nullopt; });
    } catch (const Error&) {
        return {};  // a quote that never ends is the shell's business
    }
    for (std::size_t i = 0; i < words.size(); ++i) {
        Heredoc heredoc;
        const bool apart = announcesHeredoc(words[i]) && i + 1 < words.size();
        if (parseHeredocWord(apart ? words[i] + words[i + 1] : words[i], heredoc)) {
            found.push_back(std::move(heredoc));
            i += apart ? 1 : 0;
        }
    }
    return found;
}

void readHeredoc(Lines& lines, Heredoc& heredoc, int start) {
    while (lines.next()) {
        std::string_view line = lines.line();
        if (heredoc.chomp)
            while (!line.empty() && line.front() == '\t') line.remove_prefix(1);
        if (line == heredoc.name) return;
        heredoc.content += lines.whole();
    }
    throw parseError(start, "unterminated heredoc: no line \"{}\" ends it", heredoc.name);
}

}  // namespace

bool parseHeredocWord(std::string_view word, Heredoc& heredoc) {
    std::size_t at = 0;
    while (at < word.size() && std::isdigit(static_cast<unsigned char>(word[at]))) ++at;
    if (word.substr(at, 2) != "<<") return false;
    std::string_view name = word.substr(at + 2);
    heredoc.chomp = !name.empty() && name.front() == '-';
    if (heredoc.chomp) name.remove_prefix(1);
    if (name.empty() || name.find('<') != std::string_view::npos) return false;
    try {
        const std::vector<std::string> words =
            Expander({.keepUnset = true}).words(name, [](std::string_view) { return std::nullopt; });
        if (words.size() != 1 || words.front().empty()) return false;
        heredoc.name = words.front();
    } catch (const Error&) {
        return false;
    }
    heredoc.expand = heredoc.name == name;
    return true;
}

bool isHeredocOnly(std::string_view text) {
    Heredoc ignored;
    if (!text.starts_with("<<")) return parseHeredocWord(text, ignored);
    const std::string_view name = trimLeft(text.substr(2));
    return name.find_first_of(" \t") == std::string_view::npos && parseHeredocWord("<<" + std::string(name), ignored);
}

std::string withoutLeadingTabs(std::string_view text) {
    std::string result;
    bool start = true;
    for (char c : text) {
        if (start && c == '\t') continue;
        start = c == '\n';
        result += c;
    }
    return result;
}

Source readSource(std::string_view text) {
    if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
    if (trim(text).empty()) throw Error("the Dockerfile cannot be empty");
    Source source;
    DirectiveReader directives(source.directives);
    bool head = true;
    Lines lines(text);
    while (lines.next()) {
        if (head) head = directives.read(lines.line(), lines.number());
        if (isComment(lines.line())) continue;
        SourceLine line;
        line.first = lines.number();
        line.text = trimLeft(lines.line());
        bool more = takeContinuation(line.text, source.directives.escape);
        if (!more && trim(line.text).empty()) continue;
        while (more && lines.next()) {
            if (isComment(lines.line())) continue;
            if (trim(lines.line()).empty()) {
                line.emptyContinuation = true;
                continue;
            }
            std::string next(lines.line());
            more = takeContinuation(next, source.directives.escape);
            line.text += next;
        }
        line.text = trim(line.text);
        if (line.text.empty()) continue;
        line.heredocs = heredocsOf(line.text, source.directives.escape);
        for (Heredoc& heredoc : line.heredocs) readHeredoc(lines, heredoc, line.first);
        line.last = lines.number();
        source.lines.push_back(std::move(line));
    }
    if (source.lines.empty()) throw Error("dockerfile parse error: file with no instructions");
    return source;
}

}  // namespace devc::engine::build

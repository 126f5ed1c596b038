#include "engine/build/ignore.h"

#include <algorithm>

#include "engine/build/instruction_words.h"
#include "engine/error.h"

namespace devc::engine::build {

namespace {

/// One element of a pattern and the text behind it.
struct Element {
    enum Kind { Literal, Any, Star, DoubleStar, DoubleStarSlash, Class, Bad } kind;
    char literal = 0;
    std::string_view set;
    std::size_t length = 0;
};

Element elementAt(std::string_view pattern, std::size_t at) {
    const char c = pattern[at];
    if (c == '*') {
        if (pattern.substr(at, 2) != "**") return {Element::Star, 0, {}, 1};
        if (at + 2 < pattern.size() && pattern[at + 2] == '/') return {Element::DoubleStarSlash, 0, {}, 3};
        return {Element::DoubleStar, 0, {}, 2};
    }
    if (c == '?') return {Element::Any, 0, {}, 1};
    if (c == '\\') {
        if (at + 1 >= pattern.size()) return {Element::Bad, 0, {}, 1};
        return {Element::Literal, pattern[at + 1], {}, 2};
    }
    if (c == '[') {
        std::size_t end = at + 1;
        if (end < pattern.size() && pattern[end] == '^') ++end;
        bool first = true;
        for (; end < pattern.size() && (first || pattern[end] != ']'); ++end) {
            first = false;
            if (pattern[end] == '\\') ++end;
        }
        if (end >= pattern.size()) return {Element::Bad, 0, {}, 1};
        return {Element::Class, 0, pattern.substr(at + 1, end - at - 1), end - at + 1};
    }
    return {Element::Literal, c, {}, 1};
}

bool inClass(std::string_view set, char c) {
    const bool negated = !set.empty() && set.front() == '^';
    if (negated) set.remove_prefix(1);
    bool found = false;
    for (std::size_t i = 0; i < set.size(); ++i) {
        if (set[i] == '\\' && i + 1 < set.size()) ++i;
        const auto low = static_cast<unsigned char>(set[i]);
        auto high = low;
        if (i + 2 < set.size() && set[i + 1] == '-') {
            i += 2;
            if (set[i] == '\\' && i + 1 < set.size()) ++i;
            high = static_cast<unsigned char>(set[i]);
        }
        const auto value = static_cast<unsigned char>(c);
        found = found || (value >= low && value <= high);
    }
    return found != negated && c != '/';
}

/// Can `pattern` match something below the folder `path`?
bool reachesBelow(std::string_view pattern, std::string_view path) {
    while (!path.empty()) {
        const std::size_t patternEnd = std::min(pattern.find('/'), pattern.size()), pathEnd = std::min(path.find('/'), path.size());
        const std::string_view component = pattern.substr(0, patternEnd);
        if (component.find("**") != std::string_view::npos) return true;
        if (!matchPath(component, path.substr(0, pathEnd))) return false;
        pattern.remove_prefix(std::min(pattern.size(), patternEnd + 1));
        path.remove_prefix(std::min(path.size(), pathEnd + 1));
    }
    return !pattern.empty();
}

}  // namespace

void checkPattern(std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size();) {
        const Element element = elementAt(pattern, at);
        if (element.kind == Element::Bad) throw Error::of("syntax error in pattern \"{}\"", pattern);
        at += element.length;
    }
}

bool matchPath(std::string_view pattern, std::string_view path) {
    std::vector<bool> reached(path.size() + 1, false);
    reached[0] = true;
    for (std::size_t at = 0; at < pattern.size();) {
        const Element element = elementAt(pattern, at);
        at += element.length;
        std::vector<bool> next(path.size() + 1, false);
        bool open = false, any = false;
        for (std::size_t n = 0; n <= path.size(); ++n) {
            const bool here = reached[n];
            switch (element.kind) {
                case Element::Star:
                    if (n > 0 && path[n - 1] == '/') open = false;
                    next[n] = open = open || here;
                    break;
                case Element::DoubleStar: next[n] = any = any || here; break;
                case Element::DoubleStarSlash:
                    if (here || (any && n > 0 && path[n - 1] == '/')) next[n] = true;
                    any = any || here;
                    break;
                case Element::Any:
                    if (here && n < path.size() && path[n] != '/') next[n + 1] = true;
                    break;
                case Element::Class:
                    if (here && n < path.size() && inClass(element.set, path[n])) next[n + 1] = true;
                    break;
                case Element::Literal:
                    if (here && n < path.size() && path[n] == element.literal) next[n + 1] = true;
                    break;
                case Element::Bad: return false;
            }
        }
        reached = std::move(next);
    }
    return reached.back();
}

bool hasWildcard(std::string_view pattern) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '\\') ++i;
        else if (pattern[i] == '*' || pattern[i] == '?' || pattern[i] == '[') return true;
    }
    return false;
}

std::string cleanPath(std::string_view path) {
    const bool rooted = !path.empty() && path.front() == '/';
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        const std::string_view part = path.substr(0, end);
        path.remove_prefix(std::min(path.size(), end + 1));
        if (part.empty() || part == ".") continue;
        if (part == ".." && !parts.empty() && parts.back() != "..") parts.pop_back();
        else if (part != ".." || !rooted) parts.push_back(part);
    }
    std::string result = rooted ? "/" : "";
    for (std::size_t i = 0; i < parts.size(); ++i) result += (i == 0 ? "" : "/") + std::string(parts[i]);
    return result.empty() ? "." : result;
}

PatternList PatternList::parse(std::string_view file) {
    if (file.substr(0, 3) == "\xef\xbb\xbf") file.remove_prefix(3);
    std::vector<std::string> patterns;
    while (!file.empty()) {
        const std::size_t end = std::min(file.find('\n'), file.size());
        std::string_view line = file.substr(0, end);
        file.remove_prefix(std::min(file.size(), end + 1));
        if (!line.empty() && line.front() == '#') continue;
        line = trimmed(line);
        if (line.empty()) continue;
        const bool negated = line.front() == '!';
        if (negated) line = trimmed(line.substr(1));
        std::string cleaned = line.empty() ? std::string() : cleanPath(line);
        if (cleaned.size() > 1 && cleaned.front() == '/') cleaned.erase(0, 1);
        patterns.push_back((negated ? "!" : "") + cleaned);
    }
    return PatternList(patterns);
}

PatternList::PatternList(const std::vector<std::string>& patterns) {
    for (const std::string& given : patterns) {
        std::string_view text = trimmed(given);
        if (text.empty()) continue;
        Pattern pattern;
        pattern.negated = text.front() == '!';
        if (pattern.negated) text.remove_prefix(1);
        if (text.empty()) throw Error("illegal exclusion pattern: \"!\"");
        pattern.text = cleanPath(text);
        checkPattern(pattern.text);
        exceptions_ = exceptions_ || pattern.negated;
        patterns_.push_back(std::move(pattern));
    }
}

bool PatternList::matches(std::string_view path) const {
    bool matched = false;
    for (const Pattern& pattern : patterns_) {
        if (matched != pattern.negated) continue;  // it could change nothing
        for (std::size_t end = 0; end != std::string_view::npos;) {
            end = path.find('/', end + 1);
            if (matchPath(pattern.text, path.substr(0, end))) {
                matched = !pattern.negated;
                break;
            }
        }
    }
    return matched;
}

bool PatternList::mayExceptBelow(std::string_view path) const {
    return exceptions_ && std::any_of(patterns_.begin(), patterns_.end(), [&](const Pattern& pattern) {
        return pattern.negated && reachesBelow(pattern.text, path);
    });
}

std::string PatternList::identity() const {
    std::string text;
    for (const Pattern& pattern : patterns_) text += (pattern.negated ? "!" : "") + pattern.text + "\n";
    return text;
}

}  // namespace devc::engine::build

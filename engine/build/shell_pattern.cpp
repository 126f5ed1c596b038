#include "engine/build/shell_pattern.h"

#include <vector>

namespace devc::engine::build {

namespace {

/// For each length n: does the pattern match the first n characters of `text`? One pass, no backtracking.
std::vector<bool> prefixMatches(std::string_view text, std::string_view pattern) {
    std::vector<bool> reached(text.size() + 1, false);
    reached[0] = true;
    for (std::size_t p = 0; p < pattern.size(); ++p) {
        std::vector<bool> next(text.size() + 1, false);
        char c = pattern[p];
        if (c == '*') {
            bool any = false;
            for (std::size_t n = 0; n <= text.size(); ++n) next[n] = any = any || reached[n];
        } else {
            const bool anyCharacter = c == '?';
            if (c == '\\' && p + 1 < pattern.size()) c = pattern[++p];
            for (std::size_t n = 0; n < text.size(); ++n) next[n + 1] = reached[n] && (anyCharacter || text[n] == c);
        }
        reached = std::move(next);
    }
    return reached;
}

bool matchesWhole(std::string_view text, std::string_view pattern) { return prefixMatches(text, pattern).back(); }

}  // namespace

std::string withoutPrefix(const std::string& value, std::string_view pattern, bool longest) {
    const std::vector<bool> matches = prefixMatches(value, pattern);
    std::size_t best = 0;
    for (std::size_t n = 0; n < matches.size(); ++n)
        if (matches[n]) {
            best = n;
            if (!longest) break;
        }
    return value.substr(best);
}

std::string withoutSuffix(const std::string& value, std::string_view pattern, bool longest) {
    const std::string_view text = value;
    std::size_t cut = value.size();
    if (longest) {
        for (std::size_t n = 0; n <= text.size(); ++n)
            if (matchesWhole(text.substr(n), pattern)) return value.substr(0, n);
    } else {
        for (std::size_t n = text.size() + 1; n-- > 0;)
            if (matchesWhole(text.substr(n), pattern)) return value.substr(0, n);
    }
    return value.substr(0, cut);
}

std::string replaceMatches(const std::string& value, std::string_view pattern, std::string_view replacement, bool all) {
    std::string result;
    std::size_t at = 0;
    while (at < value.size()) {
        const std::vector<bool> matches = prefixMatches(std::string_view(value).substr(at), pattern);
        std::size_t length = matches.size() - 1;
        while (length > 0 && !matches[length]) --length;
        if (length == 0) {
            result += value[at++];
            continue;
        }
        result += replacement;
        at += length;
        if (!all) break;
    }
    return result + value.substr(at);
}

}  // namespace devc::engine::build

#include "engine/build/instruction_words.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include <nlohmann/json.hpp>

#include "engine/error.h"

namespace devc::engine::build {

namespace {
bool isSpace(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row[b.size()];
}
}  // namespace

std::size_t spaceAt(std::string_view text, std::size_t at) {
    if (at >= text.size()) return 0;
    if (isSpace(text[at])) return 1;
    using namespace std::string_view_literals;
    const std::string_view rest = text.substr(at);
    for (const std::string_view space : {"\u0085"sv, "\u00a0"sv, "\u1680"sv, "\u2028"sv, "\u2029"sv, "\u202f"sv, "\u205f"sv, "\u3000"sv})
        if (rest.starts_with(space)) return space.size();
    if (rest.size() > 2 && rest.starts_with("\xe2\x80"sv) && static_cast<unsigned char>(rest[2]) >= 0x80 && static_cast<unsigned char>(rest[2]) <= 0x8a) return 3;
    return 0;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
    return text;
}
std::string upperCase(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return result;
}
std::string lowerCase(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

std::vector<Flag> takeFlags(std::string_view& rest) {
    std::vector<Flag> flags;
    while (true) {
        rest = trimmed(rest);
        if (rest.substr(0, 2) != "--") return flags;
        std::string word;
        char quote = '\0';
        std::size_t at = 0;
        for (; at < rest.size(); ++at) {
            const char c = rest[at];
            if (quote == '\0' && isSpace(c)) break;
            if (c == '\\' && at + 1 < rest.size()) word += rest[++at];
            else if (quote == '\0' && (c == '\'' || c == '"')) quote = c;
            else if (quote != '\0' && c == quote) quote = '\0';
            else word += c;
        }
        rest = trimmed(rest.substr(at));
        if (word == "--") return flags;
        Flag flag;
        const std::size_t equals = word.find('=');
        flag.name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
        flag.hasValue = equals != std::string::npos;
        if (flag.hasValue) flag.value = word.substr(equals + 1);
        flags.push_back(std::move(flag));
    }
}

std::vector<std::string> quotedWords(std::string_view text, char escape) {
    std::vector<std::string> words;
    std::string word;
    bool inWord = false;
    char quote = '\0';
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (const std::size_t space = quote == '\0' ? spaceAt(text, at) : 0; space > 0) {
            if (inWord) words.push_back(std::move(word));
            word.clear();
            inWord = false;
            at += space - 1;
            continue;
        }
        inWord = true;
        word += c;
        if (c == escape && quote != '\'') {
            if (at + 1 < text.size()) word += text[++at];
        } else if (quote == '\0' && (c == '\'' || c == '"')) quote = c;
        else if (quote == c) quote = '\0';
    }
    if (inWord) words.push_back(std::move(word));
    return words;
}

std::vector<std::string> plainWords(std::string_view text) {
    std::vector<std::string> words;
    for (text = trimmed(text); !text.empty();) {
        std::size_t end = 0;
        while (end < text.size() && spaceAt(text, end) == 0) ++end;
        if (end > 0) words.emplace_back(text.substr(0, end));
        text = trimmed(text.substr(end + spaceAt(text, end)));
    }
    return words;
}

std::string validUtf8(const std::string& text) {
    const std::string quoted = nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return nlohmann::json::parse(quoted).get<std::string>();
}

std::optional<std::vector<std::string>> parseJsonList(std::string_view text) {
    text = trimmed(text);
    if (text.empty() || text.front() != '[') return std::nullopt;
    const nlohmann::json list = nlohmann::json::parse(validUtf8(std::string(text)), nullptr, false);
    if (!list.is_array()) return std::nullopt;
    std::vector<std::string> result;
    for (const auto& item : list) {
        if (!item.is_string()) throw Error("when using JSON array syntax, arrays must be comprised of strings only");
        result.push_back(item.get<std::string>());
    }
    return result;
}

std::optional<Nanoseconds> parseDuration(std::string_view text) {
    if (text == "0") return Nanoseconds{0};
    bool negative = false;
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        negative = text.front() == '-';
        text.remove_prefix(1);
    }
    if (text.empty()) return std::nullopt;
    long double total = 0;
    while (!text.empty()) {
        std::size_t end = 0;
        while (end < text.size() && (std::isdigit(static_cast<unsigned char>(text[end])) || text[end] == '.')) ++end;
        const std::string number(text.substr(0, end));
        if (number.empty() || number == "." || std::count(number.begin(), number.end(), '.') > 1 || number.size() > 18) return std::nullopt;
        text.remove_prefix(end);
        end = 0;
        while (end < text.size() && !std::isdigit(static_cast<unsigned char>(text[end])) && text[end] != '.') ++end;
        const std::string_view unit = text.substr(0, end);
        long double factor = unit == "ns" ? 1 : unit == "us" || unit == "\xc2\xb5s" || unit == "\xce\xbcs" ? 1e3L : unit == "ms" ? 1e6L
                           : unit == "s" ? 1e9L : unit == "m" ? 60e9L : unit == "h" ? 3600e9L : 0;
        if (factor == 0) return std::nullopt;
        total += std::stold(number) * factor;
        text.remove_prefix(end);
    }
    if (total > 9.2e18L) return std::nullopt;
    const auto count = static_cast<std::int64_t>(std::llroundl(total));
    return Nanoseconds{negative ? -count : count};
}

std::string nearest(std::string_view name, const std::vector<std::string>& candidates) {
    std::string best;
    std::size_t bestDistance = 3;
    for (const std::string& candidate : candidates) {
        const std::size_t d = distance(lowerCase(name), lowerCase(candidate));
        if (d < bestDistance) {
            bestDistance = d;
            best = candidate;
        }
    }
    return best;
}

}  // namespace devc::engine::build

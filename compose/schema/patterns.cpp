#include "compose/schema/patterns.h"

#include <array>

namespace devc::compose::schema {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool letterOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c); }

/// [0-9]+[wdhms] at the start.
bool startsWithPeriod(std::string_view text) {
    std::size_t digits = 0;
    while (digits < text.size() && isDigit(text[digits])) ++digits;
    return digits > 0 && digits < text.size() && std::string_view("wdhms").find(text[digits]) != std::string_view::npos;
}

}  // namespace

bool hasContainerName(std::string_view text) {
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        char next = text[i + 1];
        if (letterOrDigit(text[i]) && (letterOrDigit(next) || next == '.' || next == '_' || next == '-')) return true;
    }
    return false;
}

bool hasPullPolicy(std::string_view text) {
    static constexpr std::array<std::string_view, 8> words = {"always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly"};
    for (std::string_view word : words) {
        if (text.find(word) != std::string_view::npos) return true;
    }
    constexpr std::string_view prefix = "every_";
    for (std::size_t at = text.find(prefix); at != std::string_view::npos; at = text.find(prefix, at + 1)) {
        if (startsWithPeriod(text.substr(at + prefix.size()))) return true;
    }
    return false;
}

}  // namespace devc::compose::schema

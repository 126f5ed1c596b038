#include "app/filter/name_pattern.h"

namespace devc::app {

bool matchesPattern(std::string_view pattern, std::string_view text) {
    constexpr std::size_t none = std::string_view::npos;
    std::size_t at = 0, from = 0;           // in the pattern, in the text
    std::size_t star = none, taken = none;  // the last `*`, and where what it takes ends
    while (from < text.size()) {
        if (at < pattern.size() && pattern[at] == '*') {
            star = at++;
            taken = from;
        } else if (at < pattern.size() && (pattern[at] == '?' || pattern[at] == text[from])) {
            ++at;
            ++from;
        } else if (star != none && text[taken] != '/') {
            // Only the last `*` need take more: one before it would but leave the same to it.
            at = star + 1;
            from = ++taken;
        } else {
            return false;
        }
    }
    while (at < pattern.size() && pattern[at] == '*') ++at;
    return at == pattern.size();
}

bool isNamed(std::string_view name, std::string_view part) {
    const bool begins = part.starts_with('^');
    if (begins) part.remove_prefix(1);
    const bool ends = part.ends_with('$');
    if (ends) part.remove_suffix(1);
    if (begins && part.starts_with('/')) part.remove_prefix(1);
    if (begins && ends) return name == part;
    if (begins) return name.starts_with(part);
    return ends ? name.ends_with(part) : name.find(part) != std::string_view::npos;
}

}  // namespace devc::app

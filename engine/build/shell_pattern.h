#pragma once
#include <string>
#include <string_view>

namespace devc::engine::build {

/// Patterns of ${x#p} and its like: `*` is any text, `?` any character, a backslash makes the next one literal.

std::string withoutPrefix(const std::string& value, std::string_view pattern, bool longest);
std::string withoutSuffix(const std::string& value, std::string_view pattern, bool longest);
/// The first match, or all of them, replaced. A match is as long as possible.
std::string replaceMatches(const std::string& value, std::string_view pattern, std::string_view replacement, bool all);

}  // namespace devc::engine::build

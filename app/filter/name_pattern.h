#pragma once
#include <string>
#include <string_view>

namespace devc::app {

/// "busy*" against "busybox:latest": in `pattern` `?` is any byte, `*` any number of them but no '/', as in docker's filter
/// `reference`. Takes time in proportion to the product of both sizes, whatever the pattern.
bool matchesPattern(std::string_view pattern, std::string_view text);
/// Docker's filter `name`: a part of a name, with ^ and $ for its ends ("^/web$").
bool isNamed(std::string_view name, std::string_view part);

}  // namespace devc::app

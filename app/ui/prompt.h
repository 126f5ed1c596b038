#pragma once
#include <string_view>

namespace devc::app {

/// Asks on stderr, reads a line from stdin: true for y or yes in any case. End of input is no.
bool confirm(std::string_view question);

}  // namespace devc::app

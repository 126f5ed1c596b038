#pragma once
#include <string>
#include <string_view>

namespace devc::app {

/// escapeControls() of each line: lines stay lines.
std::string escapeText(std::string_view text);

/// A line of what a program printed: its colors and tabs stay, colors until its end.
std::string escapeOutput(std::string_view line);

}  // namespace devc::app

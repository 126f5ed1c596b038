#include "app/ui/escape.h"

#include <algorithm>

#include "app/ui/table.h"

namespace devc::app {

namespace {

/// Length of ESC [ numbers m at the beginning of `text`; 0 if there is none.
std::size_t colorLength(std::string_view text) {
    if (!text.starts_with("\x1b[")) return 0;
    const std::size_t end = text.find_first_not_of("0123456789;:", 2);
    return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

}  // namespace

std::string escapeText(std::string_view text) {
    std::string result;
    for (std::size_t newline; (newline = text.find('\n')) != std::string_view::npos; text.remove_prefix(newline + 1)) result += escapeControls(text.substr(0, newline)) + "\n";
    return result + escapeControls(text);
}

std::string escapeOutput(std::string_view line) {
    std::string result;
    bool colored = false;
    while (!line.empty()) {
        std::size_t size = std::min(line.find_first_of("\t\x1b"), line.size());
        result += escapeControls(line.substr(0, size));
        line.remove_prefix(size);
        if (line.empty()) break;
        const std::size_t color = colorLength(line);
        size = std::max<std::size_t>(color, 1);
        result += color > 0 || line[0] == '\t' ? std::string(line.substr(0, size)) : escapeControls(line.substr(0, size));
        colored = colored || color > 0;
        line.remove_prefix(size);
    }
    return colored ? result + "\x1b[0m" : result;
}

}  // namespace devc::app

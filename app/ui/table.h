#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace devc::app {

/// Columns a terminal needs for UTF-8 text: 2 for wide characters, 0 for combining ones and for ESC [ ... m sequences.
std::size_t displayWidth(std::string_view text);

/// Control characters and escape sequences become visible (`\x1b`), so that a name or a log prefix cannot steer the terminal.
std::string escapeControls(std::string_view text);

/// Aligns cells that end with a tab, as Go's text/tabwriter does with (minimum width, padding): cells of one column in
/// lines that follow each other are as wide as the widest of them. The text after the last tab is not a column.
std::string alignColumns(std::string_view tabbed, std::size_t minimumWidth = 10, std::size_t padding = 3);

/// Lines of cells with a header, for output that has no `--format`.
class Table {
public:
    explicit Table(std::vector<std::string> header);
    void add(std::vector<std::string> cells);
    /// Docker's look: three blanks between columns, nothing after the last.
    std::string text(std::size_t minimumWidth = 10) const;

private:
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace devc::app

#include "app/ui/table.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

namespace devc::app {
namespace {

struct Character {
    std::uint32_t code = 0;
    std::size_t size = 1;  ///< bytes
    bool valid = true;
};

Character decode(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return {first, 1};
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
    if (size == 0 || text.size() < size) return {0xfffd, 1, false};
    std::uint32_t code = first & (0xffU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return {0xfffd, 1, false};
        code = (code << 6) | (byte(i) & 0x3fU);
    }
    return {code, size};
}

struct Range {
    std::uint32_t first, last;
};
// Unicode's East Asian Width W and F, and emoji that terminals draw two columns wide.
constexpr Range wideRanges[] = {{0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23ec},   {0x25fd, 0x25fe},
                                {0x2614, 0x2615},   {0x2648, 0x2653},   {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},
                                {0x4e00, 0x9fff},   {0xa000, 0xa4cf},   {0xa960, 0xa97c},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
                                {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff},
                                {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
constexpr Range zeroRanges[] = {{0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f},
                                {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};

template <std::size_t N>
bool contains(const Range (&ranges)[N], std::uint32_t code) {
    return std::any_of(std::begin(ranges), std::end(ranges), [code](const Range& r) { return code >= r.first && code <= r.last; });
}

/// Length of ESC [ ... letter at the beginning of `text`; 0 if there is none.
std::size_t sequenceLength(std::string_view text) {
    if (text.size() < 3 || text[0] != '\x1b' || text[1] != '[') return 0;
    for (std::size_t i = 2; i < text.size(); ++i)
        if (text[i] >= 0x40 && text[i] <= 0x7e) return i + 1;
    return 0;
}

struct Line {
    std::vector<std::string> cells;  ///< those that end with a tab
    std::string rest;
};

std::vector<Line> linesOf(std::string_view text) {
    std::vector<Line> lines(1);
    std::string cell;
    for (const char c : text) {
        if (c == '\t') lines.back().cells.push_back(std::move(cell));
        else if (c == '\n') lines.back().rest = std::move(cell);
        if (c == '\n') lines.emplace_back();
        if (c == '\t' || c == '\n') cell.clear();
        else cell += c;
    }
    lines.back().rest = std::move(cell);
    return lines;
}

/// Pads column `column` of lines [from, to), then the columns right of it.
void align(std::vector<Line>& lines, std::size_t column, std::size_t from, std::size_t to, std::size_t minimumWidth, std::size_t padding) {
    for (std::size_t begin = from; begin < to;) {
        if (lines[begin].cells.size() <= column) {
            ++begin;
            continue;
        }
        std::size_t end = begin, width = minimumWidth;
        for (; end < to && lines[end].cells.size() > column; ++end)
            width = std::max(width, displayWidth(lines[end].cells[column]) + padding);
        for (std::size_t i = begin; i < end; ++i) lines[i].cells[column].append(width - displayWidth(lines[i].cells[column]), ' ');
        align(lines, column + 1, begin, end, minimumWidth, padding);
        begin = end;
    }
}

}  // namespace

std::size_t displayWidth(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        if (const std::size_t sequence = sequenceLength(text); sequence > 0) {
            text.remove_prefix(sequence);
            continue;
        }
        const Character c = decode(text);
        text.remove_prefix(c.size);
        if (c.code >= 0x20 && !contains(zeroRanges, c.code)) width += contains(wideRanges, c.code) ? 2 : 1;
    }
    return width;
}

std::string escapeControls(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const Character c = decode(text);
        const bool control = c.code < 0x20 || (c.code >= 0x7f && c.code < 0xa0) || !c.valid;
        if (control) result += fmt::format("\\x{:02x}", c.valid ? c.code : static_cast<unsigned char>(text[0]));
        else result += text.substr(0, c.size);
        text.remove_prefix(c.size);
    }
    return result;
}

std::string alignColumns(std::string_view tabbed, std::size_t minimumWidth, std::size_t padding) {
    std::vector<Line> lines = linesOf(tabbed);
    align(lines, 0, 0, lines.size(), minimumWidth, padding);
    std::string result;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        for (const std::string& cell : lines[i].cells) result += cell;
        result += lines[i].rest;
        if (i + 1 < lines.size()) result += '\n';
    }
    return result;
}

Table::Table(std::vector<std::string> header) { rows_.push_back(std::move(header)); }

void Table::add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

std::string Table::text(std::size_t minimumWidth) const {
    std::string tabbed;
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) tabbed += escapeControls(row[i]) + (i + 1 < row.size() ? '\t' : '\n');
    return alignColumns(tabbed, minimumWidth);
}

}  // namespace devc::app

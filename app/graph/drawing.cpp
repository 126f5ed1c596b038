#include "app/graph/drawing.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "app/ui/table.h"
#include "app/ui/xml.h"

namespace devc::app {
namespace {

// Pixels. A character of the 12 px monospace face is about 7.3 wide.
constexpr int margin = 20, titleHeight = 30, lineHeight = 16, padding = 8, gapAcross = 110, gapDown = 24, smallest = 120;
constexpr double characterWidth = 7.3;

struct Place {
    int x = 0, y = 0, width = smallest, height = 0;
};

struct Layout {
    std::map<std::string, Place> places;  ///< by id
    int width = 0, height = 0;
};

int widthOf(const std::string& text) { return static_cast<int>(static_cast<double>(displayWidth(escapeControls(text))) * characterWidth) + 1; }

Place sizeOf(const DrawnBox& box) {
    Place place;
    for (const std::string& line : box.lines) place.width = std::max(place.width, widthOf(line) + 2 * padding);
    place.height = static_cast<int>(box.lines.size()) * lineHeight + 2 * padding;
    return place;
}

Layout layoutOf(const std::string& title, const std::vector<DrawnBox>& boxes) {
    Layout layout;
    std::map<int, std::vector<std::string>> columns;
    for (const DrawnBox& box : boxes) {
        layout.places[box.id] = sizeOf(box);
        columns[box.column].push_back(box.id);
    }
    int x = margin;
    layout.height = titleHeight + 2 * margin;
    for (const auto& [column, ids] : columns) {
        int y = titleHeight + margin, widest = 0;
        for (const std::string& id : ids) {
            Place& place = layout.places[id];
            place.x = x;
            place.y = y;
            y += place.height + gapDown;
            widest = std::max(widest, place.width);
        }
        for (const std::string& id : ids) layout.places[id].width = widest;
        layout.height = std::max(layout.height, y - gapDown + margin);
        x += widest + gapAcross;
    }
    layout.width = std::max(x - (columns.empty() ? 0 : gapAcross) + margin, widthOf(title) + 2 * margin);
    return layout;
}

std::string drawBox(const DrawnBox& box, const Place& place) {
    std::string svg = fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\" fill=\"#f6f8fa\" stroke=\"#57606a\"/>\n", place.x, place.y, place.width, place.height);
    int y = place.y + padding + 12;
    for (const std::string& line : box.lines) {
        const bool isName = &line == &box.lines.front();
        svg += fmt::format("<text x=\"{}\" y=\"{}\"{}>{}</text>\n", place.x + padding, y, isName ? " font-weight=\"bold\"" : "", xmlText(line));
        y += lineHeight;
    }
    return svg;
}

/// The `number` arrows that end at a box share its left side.
std::string drawArrow(const Place& from, const Place& to, const DrawnArrow& arrow, int place, int number) {
    const int x1 = from.x + from.width, y1 = from.y + from.height / 2;
    const int x2 = to.x, y2 = to.y + to.height * (place + 1) / (number + 1);
    const int bend = std::max(40, (x2 - x1) / 2);
    std::string svg = fmt::format("<path d=\"M{},{} C{},{} {},{} {},{}\" fill=\"none\" stroke=\"#57606a\"{}{}/>\n", x1, y1, x1 + bend, y1, x2 - bend, y2, x2 - 2, y2,
                                  arrow.dashed ? " stroke-dasharray=\"4 3\"" : "", arrow.head ? " marker-end=\"url(#arrow)\"" : "");
    if (arrow.label.empty()) return svg;
    svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\" font-size=\"10\" fill=\"#57606a\">{}</text>\n", x2 - 10, y2 - 4, xmlText(arrow.label));
    return svg;
}

}  // namespace

std::string drawSvg(const std::string& title, const std::vector<DrawnBox>& boxes, const std::vector<DrawnArrow>& arrows) {
    const Layout layout = layoutOf(title, boxes);
    std::string svg = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" font-family=\"monospace\" font-size=\"12\">\n",
                                  layout.width, layout.height);
    svg += "<defs><marker id=\"arrow\" markerWidth=\"8\" markerHeight=\"8\" refX=\"7\" refY=\"4\" orient=\"auto\"><path d=\"M0,0 L8,4 L0,8 z\" fill=\"#57606a\"/></marker></defs>\n";
    svg += "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
    svg += fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"14\" font-weight=\"bold\">{}</text>\n", margin, margin + 10, xmlText(title));
    std::map<std::string, int> ending, drawn;
    for (const DrawnArrow& arrow : arrows) ++ending[arrow.to];
    for (const DrawnArrow& arrow : arrows) {
        const auto from = layout.places.find(arrow.from), to = layout.places.find(arrow.to);
        const int place = drawn[arrow.to]++;
        if (from != layout.places.end() && to != layout.places.end()) svg += drawArrow(from->second, to->second, arrow, place, ending[arrow.to]);
    }
    for (const DrawnBox& box : boxes) svg += drawBox(box, layout.places.at(box.id));
    return svg + "</svg>\n";
}

std::string dotString(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result + "\"";
}

}  // namespace devc::app

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "app/graph/view.h"
#include "app/ui/table.h"
#include "app/ui/xml.h"

namespace devc::app {
namespace {

// Pixels. A character of the 12 px monospace face is about 7.3 wide.
constexpr int margin = 20, titleHeight = 30, lineHeight = 16, padding = 8, gapAcross = 110, gapDown = 24, smallest = 120;
constexpr double characterWidth = 7.3;

struct Box {
    int x = 0, y = 0, width = smallest, height = 0;
    std::vector<std::string> lines;  ///< the first is the name
};

int widthOf(const std::string& text) { return static_cast<int>(static_cast<double>(displayWidth(escapeControls(text))) * characterWidth) + 1; }

Box boxOf(const GraphService& service) {
    Box box;
    box.lines.push_back(service.name);
    if (!service.image.empty()) box.lines.push_back(service.image);
    for (const std::string& port : service.ports) box.lines.push_back("port " + port);
    for (const std::string& network : service.networks) box.lines.push_back("network " + network);
    for (const std::string& volume : service.volumes) box.lines.push_back("volume " + volume);
    for (const std::string& line : box.lines) box.width = std::max(box.width, widthOf(line) + 2 * padding);
    box.height = static_cast<int>(box.lines.size()) * lineHeight + 2 * padding;
    return box;
}

struct Layout {
    std::map<std::string, Box> boxes;
    int width = 0, height = 0;
};

/// Columns as wide as their widest box; in a column the boxes stand one below the other, in the order given.
Layout layoutOf(const ProjectGraph& graph) {
    Layout layout;
    std::map<int, std::vector<std::string>> columns;
    for (const GraphService& service : graph.services) {
        layout.boxes[service.name] = boxOf(service);
        columns[service.layer].push_back(service.name);
    }
    int x = margin;
    layout.height = titleHeight + 2 * margin;
    for (const auto& [layer, names] : columns) {
        int y = titleHeight + margin, widest = 0;
        for (const std::string& name : names) {
            Box& box = layout.boxes[name];
            box.x = x;
            box.y = y;
            y += box.height + gapDown;
            widest = std::max(widest, box.width);
        }
        for (const std::string& name : names) layout.boxes[name].width = widest;
        layout.height = std::max(layout.height, y - gapDown + margin);
        x += widest + gapAcross;
    }
    layout.width = std::max(x - (columns.empty() ? 0 : gapAcross) + margin, widthOf(graph.name) + 2 * margin);
    return layout;
}

std::string drawBox(const Box& box) {
    std::string svg = fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\" fill=\"#f6f8fa\" stroke=\"#57606a\"/>\n", box.x, box.y, box.width, box.height);
    int y = box.y + padding + 12;
    for (const std::string& line : box.lines) {
        const bool isName = &line == &box.lines.front();
        svg += fmt::format("<text x=\"{}\" y=\"{}\"{}>{}</text>\n", box.x + padding, y, isName ? " font-weight=\"bold\"" : "", xmlText(line));
        y += lineHeight;
    }
    return svg;
}

/// From the right of what is waited for to the left of who waits, the condition above the arrow's end.
std::string drawEdge(const Box& from, const Box& to, const GraphEdge& edge, int place, int number) {
    const int x1 = from.x + from.width, y1 = from.y + from.height / 2;
    const int x2 = to.x, y2 = to.y + to.height * (place + 1) / (number + 1);
    const int bend = std::max(40, (x2 - x1) / 2);
    std::string svg = fmt::format("<path d=\"M{},{} C{},{} {},{} {},{}\" fill=\"none\" stroke=\"#57606a\"{} marker-end=\"url(#arrow)\"/>\n", x1, y1, x1 + bend, y1,
                                  x2 - bend, y2, x2 - 2, y2, edge.required ? "" : " stroke-dasharray=\"4 3\"");
    svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\" font-size=\"10\" fill=\"#57606a\">{}</text>\n", x2 - 10, y2 - 4, edge.condition);
    return svg;
}

}  // namespace

std::string graphAsSvg(const ProjectGraph& graph) {
    const Layout layout = layoutOf(graph);
    std::string svg = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" font-family=\"monospace\" font-size=\"12\">\n",
                                  layout.width, layout.height);
    svg += "<defs><marker id=\"arrow\" markerWidth=\"8\" markerHeight=\"8\" refX=\"7\" refY=\"4\" orient=\"auto\"><path d=\"M0,0 L8,4 L0,8 z\" fill=\"#57606a\"/></marker></defs>\n";
    svg += "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
    svg += fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"14\" font-weight=\"bold\">{}</text>\n", margin, margin + 10, xmlText(graph.name));
    for (const GraphService& service : graph.services) {
        int place = 0;
        for (const GraphEdge& edge : service.dependencies) {
            const auto from = layout.boxes.find(edge.on);
            if (from != layout.boxes.end())
                svg += drawEdge(from->second, layout.boxes.at(service.name), edge, place, static_cast<int>(service.dependencies.size()));
            ++place;
        }
    }
    for (const GraphService& service : graph.services) svg += drawBox(layout.boxes.at(service.name));
    return svg + "</svg>\n";
}

}  // namespace devc::app

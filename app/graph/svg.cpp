#include "app/graph/drawing.h"
#include "app/graph/view.h"

namespace devc::app {
namespace {

DrawnBox boxOf(const GraphService& service) {
    DrawnBox box{service.name, service.layer, {service.name}};
    if (!service.image.empty()) box.lines.push_back(service.image);
    for (const std::string& port : service.ports) box.lines.push_back("port " + port);
    for (const std::string& network : service.networks) box.lines.push_back("network " + network);
    for (const std::string& volume : service.volumes) box.lines.push_back("volume " + volume);
    return box;
}

}  // namespace

std::string graphAsSvg(const ProjectGraph& graph) {
    std::vector<DrawnBox> boxes;
    std::vector<DrawnArrow> arrows;
    for (const GraphService& service : graph.services) {
        boxes.push_back(boxOf(service));
        for (const GraphEdge& edge : service.dependencies)
            arrows.push_back({.from = edge.on, .to = service.name, .label = edge.condition, .dashed = !edge.required});
    }
    return drawSvg(graph.name, boxes, arrows);
}

}  // namespace devc::app

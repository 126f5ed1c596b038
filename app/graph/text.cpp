#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/graph/drawing.h"
#include "app/graph/view.h"
#include "app/ui/table.h"

namespace devc::app {
namespace {

using nlohmann::json;

void addLine(std::string& text, const char* what, const std::vector<std::string>& values) {
    if (!values.empty()) text += fmt::format("  {:<9} {}\n", what, escapeControls(fmt::format("{}", fmt::join(values, ", "))));
}

/// "db (healthy, optional)".
std::string edgeText(const GraphEdge& edge) {
    return fmt::format("{} ({}{}{})", edge.on, edge.condition, edge.required ? "" : ", optional", edge.restart ? ", restart" : "");
}

/// The volume that a mount is of; empty if it is none of the project's.
std::string volumeOf(const ProjectGraph& graph, const std::string& mount) {
    const std::string key = mount.substr(0, mount.find(':'));
    return std::find(graph.volumes.begin(), graph.volumes.end(), key) == graph.volumes.end() ? std::string() : key;
}

}  // namespace

std::string graphAsText(const ProjectGraph& graph) {
    std::string text = "project " + graph.name + "\n";
    for (const GraphService& service : graph.services) {
        text += "\n" + service.name + "\n";
        std::vector<std::string> edges;
        for (const GraphEdge& edge : service.dependencies) edges.push_back(edgeText(edge));
        if (!service.image.empty()) addLine(text, "image", {service.image});
        addLine(text, "after", edges);
        addLine(text, "networks", service.networks);
        addLine(text, "volumes", service.volumes);
        addLine(text, "ports", service.ports);
    }
    return text;
}

std::string graphAsDot(const ProjectGraph& graph) {
    std::string text = "digraph " + dotString(graph.name) + " {\n  rankdir=LR;\n  node [shape=box];\n";
    const auto node = [&](const std::string& kind, const std::string& name, const std::string& label, const std::string& shape) {
        text += fmt::format("  {} [label={}, shape={}];\n", dotString(kind + " " + name), dotString(label), shape);
    };
    for (const std::string& network : graph.networks) node("network", network, network, "ellipse");
    for (const std::string& volume : graph.volumes) node("volume", volume, volume, "cylinder");
    for (const GraphService& service : graph.services) {
        const std::string ports = fmt::format("{}", fmt::join(service.ports, " "));
        node("service", service.name, service.name + (ports.empty() ? "" : " " + ports), "box");
    }
    for (const GraphService& service : graph.services) {
        const std::string self = dotString("service " + service.name);
        for (const GraphEdge& edge : service.dependencies)
            text += fmt::format("  {} -> {} [label={}{}];\n", dotString("service " + edge.on), self, dotString(edge.condition), edge.required ? "" : ", style=dashed");
        for (const std::string& network : service.networks)
            if (std::find(graph.networks.begin(), graph.networks.end(), network) != graph.networks.end())
                text += fmt::format("  {} -> {} [dir=none, style=dotted];\n", dotString("network " + network), self);
        for (const std::string& mount : service.volumes)
            if (const std::string volume = volumeOf(graph, mount); !volume.empty())
                text += fmt::format("  {} -> {} [dir=none, label={}];\n", dotString("volume " + volume), self, dotString(mount.substr(volume.size() + 1)));
    }
    return text + "}\n";
}

std::string graphAsJson(const ProjectGraph& graph) {
    json services = json::array();
    for (const GraphService& service : graph.services) {
        json edges = json::array();
        for (const GraphEdge& edge : service.dependencies)
            edges.push_back({{"service", edge.on}, {"condition", edge.condition}, {"required", edge.required}, {"restart", edge.restart}});
        services.push_back({{"name", service.name}, {"image", service.image}, {"layer", service.layer}, {"dependsOn", edges},
                            {"networks", service.networks}, {"volumes", service.volumes}, {"ports", service.ports}});
    }
    const json object = {{"name", graph.name}, {"services", services}, {"networks", graph.networks}, {"volumes", graph.volumes}};
    return object.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace devc::app

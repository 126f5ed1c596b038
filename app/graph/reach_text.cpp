#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/graph/drawing.h"
#include "app/graph/reach.h"
#include "app/ui/table.h"

namespace devc::app {
namespace {

using nlohmann::json;

void addLines(std::string& text, const char* what, const std::vector<std::string>& values) {
    for (const std::string& value : values) {
        text += fmt::format("  {:<11} {}\n", what, escapeControls(value));
        what = "";
    }
}

/// Containers with what is said of them, by name: "is on", "reaches", "published".
std::string containerText(const ReachGraph& graph, const std::string& name) {
    std::vector<std::string> places, reached, published;
    for (const ReachMember& member : graph.members) {
        if (member.container == name) places.push_back(fmt::format("{} ({})", member.network, fmt::join(member.addresses, ", ")));
    }
    std::map<std::string, std::vector<std::string>> neighbours;
    for (const ReachEdge& edge : graph.edges) {
        if (edge.kind == ReachKind::Neighbour && edge.from == name) neighbours[edge.to].push_back(edge.network);
        if (edge.kind == ReachKind::Published && edge.to == name)
            published.push_back(fmt::format("{} for {}", publishedText(edge.port), edge.from == "host" ? "the host only" : "everybody"));
    }
    for (const auto& [to, networks] : neighbours) reached.push_back(fmt::format("{}, every port, over {}", to, fmt::join(networks, " and ")));
    for (const ReachEdge& edge : graph.edges) {
        if (edge.kind == ReachKind::Linked && edge.from == name)
            reached.push_back(fmt::format("{}, {} by a link, over {}", edge.to, linkedText(edge.port), edge.network));
    }
    for (const ReachEdge& edge : graph.edges) {
        if (edge.kind == ReachKind::WayOut && edge.from == name)
            reached.push_back(fmt::format("the outside over {}, {}", edge.network, edge.masqueraded ? "with the host's address" : "with its own address"));
    }
    if (reached.empty()) reached.push_back("nobody");
    std::string text = "\n" + escapeControls(name) + "\n";
    addLines(text, "networks", places);
    addLines(text, "reaches", reached);
    addLines(text, "published", published);
    return text;
}

json portJson(const engine::PortBinding& port) {
    return {{"hostIp", port.hostIp}, {"hostPort", port.hostPort}, {"port", port.containerPort}, {"protocol", port.protocol}};
}

json edgeJson(const ReachEdge& edge) {
    json object = {{"from", edge.from}, {"to", edge.to}, {"network", edge.network}};
    switch (edge.kind) {
        case ReachKind::Neighbour: object["kind"] = "neighbour"; break;
        case ReachKind::Linked: object["kind"] = "linked"; object["port"] = linkedText(edge.port); break;
        case ReachKind::Published: object["kind"] = "published"; object["published"] = portJson(edge.port); break;
        case ReachKind::WayOut: object["kind"] = "way-out"; object["masqueraded"] = edge.masqueraded; break;
    }
    return object;
}

std::vector<std::string> containersOf(const ReachGraph& graph) {
    std::vector<std::string> names;
    for (const ReachMember& member : graph.members) {
        if (names.empty() || names.back() != member.container) names.push_back(member.container);
    }
    return names;
}

}  // namespace

std::string reachAsText(const ReachGraph& graph) {
    std::string text;
    for (const ReachNetwork& network : graph.networks) text += escapeControls(fmt::format("network {}: {}", network.name, networkText(network))) + "\n";
    for (const std::string& name : containersOf(graph)) text += containerText(graph, name);
    return text;
}

std::string reachAsDot(const ReachGraph& graph) {
    std::string text = "digraph networks {\n  rankdir=LR;\n  node [shape=box];\n";
    for (const ReachNetwork& network : graph.networks)
        text += fmt::format("  {} [label={}, shape=ellipse];\n", dotString("network " + network.name), dotString(network.name + "\n" + networkText(network)));
    for (const std::string& name : containersOf(graph)) text += fmt::format("  {} [label={}];\n", dotString("container " + name), dotString(name));
    for (const char* end : {"anywhere", "host"}) {
        const bool isUsed = std::any_of(graph.edges.begin(), graph.edges.end(), [&](const ReachEdge& e) { return (e.kind == ReachKind::Published || e.kind == ReachKind::WayOut) && (e.from == end || e.to == end); });
        if (isUsed) text += fmt::format("  {} [shape=plaintext];\n", end);
    }
    for (const ReachEdge& edge : graph.edges) {
        const std::string from = dotString("container " + edge.from), to = dotString("container " + edge.to);
        if (edge.kind == ReachKind::Neighbour && edge.from < edge.to) text += fmt::format("  {} -> {} [dir=both, label={}];\n", from, to, dotString(edge.network));
        if (edge.kind == ReachKind::Linked) text += fmt::format("  {} -> {} [label={}];\n", from, to, dotString(edge.network + " " + linkedText(edge.port)));
        if (edge.kind == ReachKind::Published) text += fmt::format("  {} -> {} [label={}];\n", edge.from, to, dotString(publishedText(edge.port)));
        if (edge.kind == ReachKind::WayOut) text += fmt::format("  {} -> anywhere [label={}{}];\n", from, dotString(edge.network), edge.masqueraded ? "" : ", style=bold");
    }
    for (const ReachMember& member : graph.members)
        text += fmt::format("  {} -> {} [dir=none, style=dotted];\n", dotString("container " + member.container), dotString("network " + member.network));
    return text + "}\n";
}

std::string reachAsJson(const ReachGraph& graph) {
    json networks = json::array(), containers = json::array(), edges = json::array();
    for (const ReachNetwork& network : graph.networks) {
        json subnets = json::array();
        for (const engine::Cidr& subnet : network.rules.subnets) subnets.push_back(subnet.text());
        networks.push_back({{"name", network.name}, {"internal", network.rules.internal}, {"communicates", network.rules.communicates},
                            {"masquerades", network.rules.masquerades}, {"subnets", subnets}});
    }
    for (const ReachMember& member : graph.members)
        containers.push_back({{"container", member.container}, {"network", member.network}, {"addresses", member.addresses}});
    for (const ReachEdge& edge : graph.edges) edges.push_back(edgeJson(edge));
    const json object = {{"networks", networks}, {"endpoints", containers}, {"edges", edges}};
    return object.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string reachAsSvg(const ReachGraph& graph) {
    std::vector<DrawnBox> boxes;
    std::vector<DrawnArrow> arrows;
    for (const ReachEdge& edge : graph.edges) {
        if (edge.kind != ReachKind::Published) continue;
        const bool isThere = std::any_of(boxes.begin(), boxes.end(), [&](const DrawnBox& box) { return box.id == edge.from; });
        if (!isThere) boxes.push_back({edge.from, 0, {edge.from}});
        arrows.push_back({.from = edge.from, .to = "container " + edge.to, .label = publishedText(edge.port)});
    }
    for (const std::string& name : containersOf(graph)) {
        DrawnBox box{"container " + name, 1, {name}};
        for (const ReachEdge& edge : graph.edges) {
            if (edge.kind == ReachKind::Linked && edge.from == name) box.lines.push_back(fmt::format("{} of {} over {}", linkedText(edge.port), edge.to, edge.network));
            if (edge.kind == ReachKind::WayOut && edge.from == name) box.lines.push_back("out over " + edge.network);
        }
        boxes.push_back(std::move(box));
    }
    for (const ReachNetwork& network : graph.networks) boxes.push_back({"network " + network.name, 2, {network.name, networkText(network)}});
    for (const ReachMember& member : graph.members)
        arrows.push_back({.from = "container " + member.container, .to = "network " + member.network, .label = fmt::format("{}", fmt::join(member.addresses, " ")), .head = false});
    return drawSvg("who reaches whom", boxes, arrows);
}

}  // namespace devc::app

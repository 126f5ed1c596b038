#include "app/graph/reach.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

namespace devc::app {
namespace {

bool isHostsOwn(const std::string& hostIp) {
    auto address = engine::IpAddress::parse(hostIp);
    return address && address->isLoopback();
}

using NetworksByName = std::map<std::string, const ReachNetwork*>;

void addNeighbours(ReachGraph& graph, const ReachMember& member) {
    for (const ReachMember& other : graph.members) {
        if (other.network == member.network && other.container != member.container)
            graph.edges.push_back({ReachKind::Neighbour, member.container, other.container, member.network, {}, false});
    }
}

const ReachMember* memberAt(const ReachGraph& graph, const std::string& network, const engine::IpAddress& address) {
    for (const ReachMember& member : graph.members) {
        if (member.network == network && std::find(member.addresses.begin(), member.addresses.end(), address.text()) != member.addresses.end()) return &member;
    }
    return nullptr;
}

void addLinks(ReachGraph& graph, const ReachNetwork& network) {
    for (const engine::FirewallLink& link : network.rules.links) {
        const ReachMember* from = memberAt(graph, network.name, link.source);
        const ReachMember* to = memberAt(graph, network.name, link.target);
        if (!from || !to) continue;
        const engine::PortBinding port{.containerPort = link.port, .protocol = std::string(engine::nft::nameOf(link.protocol)),
                                       .hostIp = {}, .hostPort = 0, .hostPortEnd = link.lastPort > link.port ? link.lastPort : std::uint16_t{0}};
        ReachEdge edge{ReachKind::Linked, from->container, to->container, network.name, port, false};
        // Once, however many families it is reached over.
        const bool isThere = std::any_of(graph.edges.begin(), graph.edges.end(), [&](const ReachEdge& other) {
            return other.kind == edge.kind && other.from == edge.from && other.to == edge.to && other.network == edge.network && other.port == edge.port;
        });
        if (!isThere) graph.edges.push_back(std::move(edge));
    }
}

void addOwn(ReachGraph& graph, const ReachMember& member, const engine::FirewallNetwork& rules) {
    for (const engine::PortBinding& port : member.published)
        graph.edges.push_back({ReachKind::Published, isHostsOwn(port.hostIp) ? "host" : "anywhere", member.container, member.network, port, false});
    if (member.wayOut && !rules.internal)
        graph.edges.push_back({ReachKind::WayOut, member.container, "anywhere", member.network, {}, rules.masquerades});
}

}  // namespace

ReachGraph reachOf(std::vector<ReachNetwork> networks, std::vector<ReachMember> members) {
    ReachGraph graph{std::move(networks), std::move(members), {}};
    std::sort(graph.networks.begin(), graph.networks.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    std::sort(graph.members.begin(), graph.members.end(), [](const auto& a, const auto& b) { return std::tie(a.container, a.network) < std::tie(b.container, b.network); });
    NetworksByName byName;
    for (const ReachNetwork& network : graph.networks) byName[network.name] = &network;
    std::erase_if(graph.members, [&](const ReachMember& member) { return !byName.contains(member.network); });
    for (const ReachMember& member : graph.members) {
        const engine::FirewallNetwork& rules = byName.at(member.network)->rules;
        if (rules.communicates) addNeighbours(graph, member);
        addOwn(graph, member, rules);
    }
    for (const ReachNetwork& network : graph.networks) addLinks(graph, network);
    return graph;
}

std::string linkedText(const engine::PortBinding& port) {
    if (port.hostPortEnd) return fmt::format("{}-{}/{}", port.containerPort, port.hostPortEnd, port.protocol);
    return fmt::format("{}/{}", port.containerPort, port.protocol);
}

std::string publishedText(const engine::PortBinding& port) {
    std::string host = port.hostIp.empty() ? "*" : port.hostIp;
    if (host.find(':') != std::string::npos) host = "[" + host + "]";
    return fmt::format("{}:{}->{}/{}", host, port.hostPort, port.containerPort, port.protocol);
}

std::string networkText(const ReachNetwork& network) {
    std::vector<std::string> words;
    if (network.rules.internal) words.push_back("internal");
    else if (!network.rules.masquerades) words.push_back("not masqueraded");
    if (!network.rules.communicates) words.push_back("containers are kept apart");
    for (const engine::Cidr& subnet : network.rules.subnets) words.push_back(subnet.text());
    return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace devc::app

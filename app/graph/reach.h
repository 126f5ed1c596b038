#pragma once
#include <string>
#include <vector>

#include "engine/network/firewall.h"
#include "engine/spec.h"

namespace devc::app {

/// What the firewall's rules are made of, with the names that users know.
struct ReachNetwork {
    std::string name;
    engine::FirewallNetwork rules;
};

/// A live container on a network.
struct ReachMember {
    std::string container, network;
    std::vector<std::string> addresses;
    bool wayOut = false;  ///< its default route goes over this network
    std::vector<engine::PortBinding> published;
};

enum class ReachKind {
    Neighbour,  ///< a container of the same network, every port
    Linked,     ///< a container of the same network, a port that a link opens
    Published,  ///< a port of the host that leads to a container
    WayOut      ///< from a container to what is outside
};

struct ReachEdge {
    ReachKind kind = ReachKind::Neighbour;
    std::string from;             ///< container; of Published: "anywhere", or "host" where only the host itself reaches it
    std::string to;               ///< container; of WayOut: "anywhere"
    std::string network;          ///< over which
    engine::PortBinding port;     ///< Published; of Linked the container's port, and in hostPortEnd the last of a range
    bool masqueraded = false;     ///< WayOut: with the host's address
};

struct ReachGraph {
    std::vector<ReachNetwork> networks;  ///< by name
    std::vector<ReachMember> members;    ///< by container and network
    std::vector<ReachEdge> edges;
};

/// Who can reach whom: what is not an edge is dropped. (The host itself reaches all of its containers.) Pure.
ReachGraph reachOf(std::vector<ReachNetwork> networks, std::vector<ReachMember> members);

std::string reachAsText(const ReachGraph& graph);
std::string reachAsDot(const ReachGraph& graph);  ///< Graphviz; neighbours are one edge with two heads
std::string reachAsJson(const ReachGraph& graph);
/// From left to right: from where ports are reached, containers, networks.
std::string reachAsSvg(const ReachGraph& graph);

/// "5432/tcp", "3000-3005/udp".
std::string linkedText(const engine::PortBinding& port);
/// "0.0.0.0:8080->80/tcp".
std::string publishedText(const engine::PortBinding& port);
/// "internal, containers are kept apart, 172.18.0.0/16".
std::string networkText(const ReachNetwork& network);

}  // namespace devc::app

#include "app/graph/reach.h"

#include <algorithm>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace devc;
using namespace devc::app;

namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

ReachNetwork network(const char* name, const char* subnet, bool internal = false, bool communicates = true) {
    return {name, {.bridge = "dv-1", .subnets = {*engine::Cidr::parse(subnet)}, .internal = internal, .communicates = communicates}};
}

/// web is on front, api on front and back, db on back, which is internal.
ReachGraph shop(bool frontCommunicates = true) {
    const engine::PortBinding everywhere{80, "tcp", "0.0.0.0", 8080, 0}, hosts{53, "udp", "127.0.0.1", 5353, 0};
    return reachOf({network("front", "172.18.0.0/16", false, frontCommunicates), network("back", "172.19.0.0/16", true)},
                   {{"web", "front", {"172.18.0.2"}, true, {everywhere, hosts}},
                    {"api", "front", {"172.18.0.3"}, true, {}},
                    {"api", "back", {"172.19.0.2"}, false, {}},
                    {"db", "back", {"172.19.0.3"}, false, {}}});
}

bool reaches(const ReachGraph& graph, const std::string& from, const std::string& to) {
    return std::any_of(graph.edges.begin(), graph.edges.end(), [&](const ReachEdge& edge) { return edge.from == from && edge.to == to; });
}

}  // namespace

TEST_CASE("containers reach those that they share a network with, and no others") {
    const ReachGraph graph = shop();
    CHECK(reaches(graph, "web", "api"));
    CHECK(reaches(graph, "api", "web"));
    CHECK(reaches(graph, "api", "db"));
    CHECK_FALSE(reaches(graph, "web", "db"));
    CHECK_FALSE(reaches(graph, "web", "web"));
}

TEST_CASE("on a network whose containers are kept apart nobody reaches a neighbour") {
    const ReachGraph graph = shop(false);
    CHECK_FALSE(reaches(graph, "web", "api"));
    CHECK_FALSE(reaches(graph, "api", "web"));
    CHECK(reaches(graph, "api", "db"));
    CHECK(reaches(graph, "anywhere", "web"));
}

TEST_CASE("a link is a way to one port, in one direction") {
    ReachNetwork apart = network("apart", "172.18.0.0/16", false, false);
    apart.rules.links = {{*engine::IpAddress::parse("172.18.0.2"), *engine::IpAddress::parse("172.18.0.3"), engine::nft::Protocol::Tcp, 5432, 5432}};
    const ReachGraph graph = reachOf({apart}, {{"web", "apart", {"172.18.0.2"}, false, {}}, {"db", "apart", {"172.18.0.3"}, false, {}}, {"x", "apart", {"172.18.0.4"}, false, {}}});
    CHECK(reaches(graph, "web", "db"));
    CHECK(graph.edges.size() == 1);
    CHECK(contains(reachAsText(graph), "reaches     db, 5432/tcp by a link, over apart\n"));
    CHECK(nlohmann::json::parse(reachAsJson(graph))["edges"][0]["port"] == "5432/tcp");
    CHECK(contains(reachAsDot(graph), "\"container web\" -> \"container db\" [label=\"apart 5432/tcp\"];"));
    CHECK(contains(reachAsSvg(graph), "5432/tcp of db over apart"));
}

TEST_CASE("out of an internal network there is no way") {
    const ReachGraph graph = shop();
    CHECK(reaches(graph, "api", "anywhere"));
    CHECK_FALSE(reaches(graph, "db", "anywhere"));
}

TEST_CASE("a port of a loopback address is reached from the host only") {
    const ReachGraph graph = shop();
    CHECK(reaches(graph, "host", "web"));
    CHECK(contains(reachAsText(graph), "127.0.0.1:5353->53/udp for the host only"));
    CHECK(contains(reachAsText(graph), "0.0.0.0:8080->80/tcp for everybody"));
}

TEST_CASE("text says of a container where it is and whom it reaches") {
    const std::string text = reachAsText(shop());
    CHECK(contains(text, "network back: internal, 172.19.0.0/16\n"));
    CHECK(contains(text, "\napi\n  networks    back (172.19.0.2)\n              front (172.18.0.3)\n  reaches     db, every port, over back\n"));
    CHECK(contains(text, "the outside over front, with the host's address"));
}

TEST_CASE("members of networks that are not shown are left out") {
    const ReachGraph graph = reachOf({network("back", "172.19.0.0/16", true)}, {{"a", "front", {}, true, {}}, {"b", "back", {}, false, {}}});
    CHECK(graph.members.size() == 1);
    CHECK(graph.edges.empty());
    CHECK(contains(reachAsText(graph), "\nb\n  networks    back ()\n  reaches     nobody\n"));
}

TEST_CASE("json and dot have every edge, svg a box for every container and network") {
    const auto object = nlohmann::json::parse(reachAsJson(shop()));
    CHECK(object["edges"].size() == shop().edges.size());
    CHECK(object["networks"][0]["internal"] == true);
    const std::string dot = reachAsDot(shop());
    CHECK(contains(dot, "\"container api\" -> \"container db\" [dir=both, label=\"back\"];"));
    CHECK(contains(dot, "anywhere -> \"container web\" [label=\"0.0.0.0:8080->80/tcp\"];"));
    CHECK(contains(dot, "\"container api\" -> anywhere [label=\"front\"];"));
    const std::string svg = reachAsSvg(shop());
    for (const char* name : {">web<", ">api<", ">db<", ">front<", ">back<", ">anywhere<", ">host<"}) CHECK_MESSAGE(contains(svg, name), name);
}

#include "engine/network/links.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace devc::engine;

namespace {

Network network(bool communicates) {
    Network network;
    if (!communicates) network.spec.driverOptions["com.docker.network.bridge.enable_icc"] = "false";
    return network;
}

Endpoint endpoint(const char* name, const char* ipv4, std::vector<std::string> links = {}, std::vector<std::string> exposed = {}) {
    Endpoint result;
    result.container = std::string("0123456789ab") + name;
    result.containerName = name;
    result.ipv4 = ipv4;
    result.active = true;
    result.links = std::move(links);
    result.exposed = std::move(exposed);
    return result;
}

std::vector<std::string> texts(const std::vector<FirewallLink>& links) {
    std::vector<std::string> result;
    for (const FirewallLink& link : links)
        result.push_back(fmt::format("{}>{} {} {}-{}", link.source.text(), link.target.text(), nft::nameOf(link.protocol), link.port, link.lastPort));
    return result;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a link leads to what the other exposes, not back and not to others") {
    const std::vector<Endpoint> all{endpoint("web", "10.0.0.2", {"db"}, {"80/tcp"}), endpoint("db", "10.0.0.3", {}, {"5432/tcp", "53-55/udp"}),
                                    endpoint("other", "10.0.0.4", {}, {"80/tcp"})};
    CHECK(texts(linksOn(network(false), all)) == Texts{"10.0.0.2>10.0.0.3 tcp 5432-5432", "10.0.0.2>10.0.0.3 udp 53-55"});
    CHECK(linksOn(network(true), all).empty());  // they reach each other anyway
}

TEST_CASE("a link leads to all replicas that are live") {
    std::vector<Endpoint> all{endpoint("web", "10.0.0.2", {"db-1"}), endpoint("db-1", "10.0.0.3", {}, {"1/tcp"}), endpoint("db-2", "10.0.0.4", {}, {"1/tcp"})};
    all[1].replicas = all[2].replicas = "shop/db";
    CHECK(texts(linksOn(network(false), all)) == Texts{"10.0.0.2>10.0.0.3 tcp 1-1", "10.0.0.2>10.0.0.4 tcp 1-1"});
    all[1].active = false;
    CHECK(texts(linksOn(network(false), all)) == Texts{"10.0.0.2>10.0.0.4 tcp 1-1"});
    all[2].replicas.clear();
    CHECK(linksOn(network(false), all).empty());
}

TEST_CASE("containers are linked by id too, over each family that both have") {
    std::vector<Endpoint> all{endpoint("web", "10.0.0.2", {"0123456789abdb"}), endpoint("db", "10.0.0.3", {}, {"1/sctp"})};
    all[0].ipv6 = "fd00::2";
    CHECK(texts(linksOn(network(false), all)) == Texts{"10.0.0.2>10.0.0.3 sctp 1-1"});
    all[1].ipv6 = "fd00::3";
    CHECK(texts(linksOn(network(false), all)) == Texts{"10.0.0.2>10.0.0.3 sctp 1-1", "fd00::2>fd00::3 sctp 1-1"});
}

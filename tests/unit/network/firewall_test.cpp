#include "engine/network/firewall.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace devc::engine;

namespace {

const FirewallNetwork open{.bridge = "dv-1", .subnets = {*Cidr::parse("172.18.0.0/16")}};

std::vector<std::string> rulesOf(const nft::Table& table, const std::string& chain) {
    std::vector<std::string> rules;
    for (const nft::Chain& c : table.chains) {
        if (c.name != chain) continue;
        for (const nft::Rule& rule : c.rules) rules.push_back(nft::describe(rule));
    }
    return rules;
}

FirewallPort port(const char* hostIp, std::uint16_t number) {
    return {.hostIp = IpAddress::parse(hostIp), .hostPort = number, .target = *IpAddress::parse("172.18.0.2"), .targetPort = 80};
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("only answers, neighbours and published ports come into a bridge") {
    CHECK(rulesOf(firewallTable("t", {open}, {}), "forward") == Texts{
        "ct state established,related accept",
        "iifname \"dv-1\" oifname \"dv-1\" accept",
        "oifname \"dv-1\" ct status != dnat drop"});
}

TEST_CASE("an internal network has no way in or out") {
    FirewallNetwork closed = open;
    closed.internal = true;
    nft::Table table = firewallTable("t", {closed}, {});
    Texts forward = rulesOf(table, "forward");
    CHECK(std::count(forward.begin(), forward.end(), "iifname \"dv-1\" drop") == 1);
    CHECK(std::count(forward.begin(), forward.end(), "oifname \"dv-1\" drop") == 1);
    CHECK(rulesOf(table, "postrouting").empty());
}

TEST_CASE("containers that may not talk to each other still reach published ports") {
    FirewallNetwork silent = open;
    silent.communicates = false;
    Texts forward = rulesOf(firewallTable("t", {silent}, {}), "forward");
    CHECK(forward[1] == "iifname \"dv-1\" oifname \"dv-1\" ct status != dnat drop");
}

TEST_CASE("links open ports of containers that may not talk to each other, in one direction") {
    FirewallNetwork silent = open;
    silent.communicates = false;
    const IpAddress web = *IpAddress::parse("172.18.0.2"), db = *IpAddress::parse("172.18.0.3");
    silent.links = {{web, db, nft::Protocol::Tcp, 5432, 5432}, {web, db, nft::Protocol::Udp, 3000, 3005}};
    CHECK(rulesOf(firewallTable("t", {silent}, {}), "forward") == Texts{
        "ct state established,related accept",
        "iifname \"dv-1\" oifname \"dv-1\" ip saddr 172.18.0.2/32 ip daddr 172.18.0.3/32 tcp dport 5432 accept",
        "iifname \"dv-1\" oifname \"dv-1\" ip saddr 172.18.0.2/32 ip daddr 172.18.0.3/32 udp dport 3000-3005 accept",
        "iifname \"dv-1\" oifname \"dv-1\" ct status != dnat drop",
        "iifname \"dv-1\" oifname \"dv-1\" accept",
        "oifname \"dv-1\" ct status != dnat drop"});
}

TEST_CASE("a port published on all addresses is translated from outside and from the host") {
    nft::Table table = firewallTable("t", {open}, {port("", 8080)});
    Texts expected{"tcp dport 8080 fib daddr type local dnat to 172.18.0.2:80"};
    CHECK(rulesOf(table, "prerouting") == expected);
    CHECK(rulesOf(table, "output") == expected);
}

TEST_CASE("a port published on 127.0.0.1 is translated for the host itself only") {
    nft::Table table = firewallTable("t", {open}, {port("127.0.0.1", 8080)});
    CHECK(rulesOf(table, "prerouting").empty());
    CHECK(rulesOf(table, "output") == Texts{"tcp dport 8080 ip daddr 127.0.0.1/32 dnat to 172.18.0.2:80"});
}

TEST_CASE("nothing reaches the host's loopback from a bridge") {
    CHECK(rulesOf(firewallTable("t", {open}, {}), "loopback") ==
          Texts{"iifname \"dv-1\" ip daddr 127.0.0.0/8 drop", "iifname \"dv-1\" ip saddr 127.0.0.0/8 drop"});
}

TEST_CASE("what leaves has the host's address, unless the network says no") {
    Texts rules = rulesOf(firewallTable("t", {open}, {}), "postrouting");
    CHECK(std::count(rules.begin(), rules.end(), "ip saddr 172.18.0.0/16 oifname != \"dv-1\" masquerade") == 1);
    FirewallNetwork routed = open;
    routed.masquerades = false;
    rules = rulesOf(firewallTable("t", {routed}, {}), "postrouting");
    CHECK(std::count(rules.begin(), rules.end(), "ip saddr 172.18.0.0/16 oifname != \"dv-1\" masquerade") == 0);
}

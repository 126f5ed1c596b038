#include "engine/network/addresses.h"
#include "engine/network/subnets.h"

#include <doctest/doctest.h>

using namespace devc::engine;

namespace {

Cidr net(const char* text) { return *Cidr::parse(text); }
IpAddress ip(const char* text) { return *IpAddress::parse(text); }

}  // namespace

TEST_CASE("subnets come from docker's default pools, the used ones left out") {
    CHECK(freeSubnet4({})->text() == "172.17.0.0/16");
    CHECK(freeSubnet4({net("172.17.0.0/16"), net("172.18.5.0/24")})->text() == "172.19.0.0/16");
    CHECK(freeSubnet4({net("172.16.0.0/12")})->text() == "192.168.0.0/20");
    CHECK(freeSubnet4({net("172.16.0.0/12"), net("192.168.0.0/17")})->text() == "192.168.128.0/20");
    CHECK_FALSE(freeSubnet4({net("172.16.0.0/12"), net("192.168.0.0/16")}));
    CHECK_FALSE(freeSubnet4({net("0.0.0.0/0")}));
}

TEST_CASE("an IPv6 subnet is unique local and the same every time") {
    Cidr first = freeSubnet6("abc", {});
    CHECK(first.prefix == 64);
    CHECK(first.text().starts_with("fd"));
    CHECK(freeSubnet6("abc", {}) == first);
    CHECK(freeSubnet6("abc", {first}) != first);
    CHECK(freeSubnet6("abd", {}) != first);
}

TEST_CASE("the lowest free address is leased") {
    Cidr subnet = net("10.1.0.0/24");
    CHECK(freeAddress(subnet, subnet, {})->text() == "10.1.0.1");
    CHECK(freeAddress(subnet, subnet, {ip("10.1.0.1"), ip("10.1.0.2")})->text() == "10.1.0.3");
    CHECK(freeAddress(subnet, net("10.1.0.128/25"), {})->text() == "10.1.0.128");
    CHECK(freeAddress(net("fd00::/64"), net("fd00::/64"), {ip("fd00::1")})->text() == "fd00::2");
}

TEST_CASE("a full subnet has no address left") {
    Cidr subnet = net("10.1.0.0/30");
    CHECK(freeAddress(subnet, subnet, {ip("10.1.0.1")})->text() == "10.1.0.2");
    CHECK_FALSE(freeAddress(subnet, subnet, {ip("10.1.0.1"), ip("10.1.0.2")}));
    CHECK_FALSE(freeAddress(net("10.1.0.0/24"), net("10.1.0.255/32"), {}));
}

TEST_CASE("network and broadcast addresses are nobody's") {
    CHECK_FALSE(isHostAddress(net("10.1.0.0/24"), ip("10.1.0.0")));
    CHECK_FALSE(isHostAddress(net("10.1.0.0/24"), ip("10.1.0.255")));
    CHECK_FALSE(isHostAddress(net("10.1.0.0/24"), ip("10.1.1.1")));
    CHECK(isHostAddress(net("10.1.0.0/31"), ip("10.1.0.0")));
    CHECK(isHostAddress(net("fd00::/64"), ip("fd00::ffff:ffff:ffff:ffff")));
}

TEST_CASE("hardware addresses are made from the IPv4 address") {
    CHECK(macFor(ip("172.17.0.2"), "x") == "02:42:ac:11:00:02");
    CHECK(macFor({}, "x") == macFor({}, "x"));
    CHECK(macFor({}, "x").starts_with("02:42:"));
}

TEST_CASE("a subnet that the engine chose gives way to every overlap, one that was asked for only to the narrower") {
    const Cidr ours = net("172.18.0.0/16");
    CHECK_FALSE(obstacleTo(ours, false, {net("172.19.0.0/16"), net("fd00::/64")}));
    CHECK(obstacleTo(ours, false, {net("172.19.0.0/16"), net("172.16.0.0/12")}) == net("172.16.0.0/12"));
    CHECK_FALSE(obstacleTo(ours, true, {net("172.16.0.0/12")}));
    CHECK(obstacleTo(ours, true, {net("172.16.0.0/12"), ours}) == ours);
    CHECK(obstacleTo(ours, true, {net("172.18.7.0/24")}) == net("172.18.7.0/24"));
}

#include "engine/network/bridges.h"

#include <algorithm>
#include <exception>
#include <set>

#include "engine/error.h"
#include "engine/linux/netlink.h"
#include "engine/linux/sysctl.h"
#include "engine/network/addresses.h"
#include "engine/network/endpoint_rules.h"
#include "engine/network/idle_bridge.h"
#include "engine/network/network_options.h"
#include "engine/network/subnets.h"

namespace devc::engine {

namespace {

std::vector<Network> othersThan(const Network& network, std::vector<Network> all) {
    std::erase_if(all, [&](const Network& other) { return other.id == network.id; });
    return all;
}

}  // namespace

BridgeClaim::~BridgeClaim() {
    for (const std::string& bridge : raised_) {
        try {
            Netlink().removeLink(bridge);
        } catch (const std::exception&) {
            // It stays, with a subnet that nobody is given meanwhile, until its network is removed.
        }
    }
}

bool BridgeClaim::isUp(const Network& network) const {
    auto link = Netlink().link(network.bridge);
    return link && link->up;
}

void BridgeClaim::settle(Network& network) {
    if (isMacvlan(network) || isUp(network)) return;
    if (!lock_) lock_ = lockSubnets();
    const std::vector<Cidr> onHost = hostSubnets();
    for (const std::string& text : {network.subnet4, network.subnet6}) {
        auto subnet = Cidr::parse(text);
        if (!subnet) continue;
        const bool askedFor = isAskedFor(network, *subnet);
        auto obstacle = obstacleTo(*subnet, askedFor, onHost);
        if (!obstacle) continue;
        if (askedFor)
            throw Conflict(fmt::format("cannot set up network {}: its subnet {} is in use on this machine", network.spec.name, text))
                .detail(fmt::format("a route or an address of the host is in {}", obstacle->text()));
        return renumber(network, onHost);
    }
}

void BridgeClaim::renumber(Network& network, const std::vector<Cidr>& used) {
    std::vector<Endpoint> endpoints = store_.on(network.id);
    for (const Endpoint& endpoint : endpoints) {
        if (!endpoint.active && !endpoint.fixed4 && !endpoint.fixed6) continue;
        throw Conflict(fmt::format("cannot set up network {}: its subnet is in use on this machine, and {} has an address of it", network.spec.name, endpoint.containerName));
    }
    std::vector<Cidr> taken = subnetsOf(othersThan(network, store_.networks()));
    taken.insert(taken.end(), used.begin(), used.end());
    network.subnet4 = network.gateway4 = network.subnet6 = network.gateway6 = {};
    chooseSubnets(network, taken);
    store_.updateNetwork(network);
    std::vector<bool> derived;
    for (Endpoint& endpoint : endpoints) {
        derived.push_back(endpoint.mac == macFor(IpAddress::parse(endpoint.ipv4), endpoint.container + network.id));
        endpoint.ipv4 = endpoint.ipv6 = {};
    }
    for (std::size_t at = 0; at < endpoints.size(); ++at) {
        Endpoint& endpoint = endpoints[at];
        leaseAddresses(endpoint, network, endpoints);
        if (derived[at]) endpoint.mac = macFor(IpAddress::parse(endpoint.ipv4), endpoint.container + network.id);
        store_.save(endpoint);
    }
}

std::string bridgeAlias(const Host& host) { return "devc-" + host.tag(); }

std::vector<std::string> bridgeAddressesOf(const Network& network) {
    std::vector<std::string> addresses;
    auto add = [&](const std::string& gateway, const std::string& subnet) {
        if (!gateway.empty()) addresses.push_back(gateway + subnet.substr(subnet.find('/')));
    };
    add(network.gateway4, network.subnet4);
    add(network.gateway6, network.subnet6);
    // Who looks for a neighbour to forward a packet to asks from a link-local address.
    if (!network.subnet6.empty()) addresses.push_back("fe80::1/64");
    return addresses;
}

void BridgeClaim::raise(const Network& network) {
    if (isMacvlan(network)) return;
    if (!isUp(network)) {
        raised_.push_back(network.bridge);
        removeRetired(network.bridge);  // a killed command's
    }
    Netlink().ensureBridge(network.bridge, macFor({}, network.id), bridgeAddressesOf(network), mtuOf(network), bridgeAlias(host_));
    setSysctl("net/ipv4/ip_forward", "1");
    if (!network.subnet6.empty()) setSysctl("net/ipv6/conf/all/forwarding", "1");
}

void routeLinks(const FirewallNetwork& network) {
    if (network.communicates) return;
    const std::string_view on = network.links.empty() ? "0" : "1";
    const std::string four = "net/ipv4/", six = "net/ipv6/";
    std::set<IpAddress> answered;
    for (const FirewallLink& link : network.links) {
        if (link.source.isV6()) answered.insert({link.source, link.target});
    }
    if (!network.links.empty()) {
        // At once: the kernel answers for others only after a while, lest they do themselves.
        setSysctl(four + "neigh/" + network.bridge + "/proxy_delay", "0");
        setSysctl(six + "neigh/" + network.bridge + "/proxy_delay", "0");
    }
    setSysctl(four + "conf/" + network.bridge + "/proxy_arp_pvlan", on);
    const bool hasV6 = std::any_of(network.subnets.begin(), network.subnets.end(), [](const Cidr& subnet) { return subnet.address.isV6(); });
    if (!hasV6) return;
    setSysctl(six + "conf/" + network.bridge + "/proxy_ndp", on);
    Netlink().answerFor(network.bridge, {answered.begin(), answered.end()});
}

void routeLocalhostTo(const Network& network) {
    if (isMacvlan(network)) return;
    setSysctl("net/ipv4/conf/" + network.bridge + "/route_localnet", "1");
}

}  // namespace devc::engine

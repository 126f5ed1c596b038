#include "engine/network/endpoint_rules.h"

#include <set>
#include <tuple>

#include "engine/digest.h"
#include "engine/error.h"
#include "engine/network/addresses.h"

namespace devc::engine {

namespace {

std::string lease(const Network& network, bool v6, const std::vector<Endpoint>& others, const std::string& container) {
    const std::string& subnetText = v6 ? network.subnet6 : network.subnet4;
    auto subnet = Cidr::parse(subnetText);
    if (!subnet) return {};
    std::set<IpAddress> taken;
    auto take = [&](const std::string& text) {
        if (auto address = IpAddress::parse(text)) taken.insert(*address);
    };
    take(v6 ? network.gateway6 : network.gateway4);
    Cidr range = *subnet;
    for (const IpamPool& pool : network.spec.pools) {
        auto parsed = Cidr::parse(pool.subnet);
        if (!parsed || *parsed != *subnet) continue;
        if (auto part = Cidr::parse(pool.range)) range = *part;
        for (const auto& [name, address] : pool.auxiliary) take(address);
    }
    for (const Endpoint& other : others) {
        if (other.container != container) take(v6 ? other.ipv6 : other.ipv4);
    }
    auto address = freeAddress(*subnet, range, taken);
    if (!address) throw Error::of("no available {} addresses on this network's address pools: {}", v6 ? "IPv6" : "IPv4", network.spec.name);
    return address->text();
}

}  // namespace

void leaseAddresses(Endpoint& endpoint, const Network& network, const std::vector<Endpoint>& others) {
    if (endpoint.ipv4.empty()) endpoint.ipv4 = lease(network, false, others, endpoint.container);
    if (endpoint.ipv6.empty()) endpoint.ipv6 = lease(network, true, others, endpoint.container);
}

const Endpoint* gatewayEndpoint(const std::vector<Endpoint>& own, const std::map<std::string, Network>& networks, bool v6) {
    const Endpoint* best = nullptr;
    for (const Endpoint& endpoint : own) {
        const Network& network = networks.at(endpoint.networkId);
        if (network.spec.internal || (v6 ? endpoint.ipv6 : endpoint.ipv4).empty()) continue;
        if (!best || std::tuple(-endpoint.gatewayPriority, network.spec.name) <
                         std::tuple(-best->gatewayPriority, networks.at(best->networkId).spec.name))
            best = &endpoint;
    }
    return best;
}

std::string hostInterfaceOf(const Endpoint& endpoint) { return "dve" + sha256Hex(endpoint.container + endpoint.networkId).substr(0, 11); }

}  // namespace devc::engine

#include "engine/network/subnets.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>

#include "engine/error.h"
#include "engine/linux/netlink.h"
#include "engine/network/addresses.h"

namespace devc::engine {

namespace {

/// The same for all state directories and run directories of the machine; only root may hold it.
constexpr const char* lockPath = "/run/devc-subnets.lock";

Cidr subnetOf(const std::string& text) {
    auto subnet = Cidr::parse(text);
    if (!subnet) throw Error::of("invalid CIDR address: {}", text);
    return *subnet;
}

std::string gatewayOf(const Cidr& subnet, const std::string& wanted) {
    if (wanted.empty()) {
        auto first = freeAddress(subnet, subnet, {});
        return first ? first->text() : subnet.address.text();
    }
    auto gateway = IpAddress::parse(wanted);
    if (!gateway || !subnet.contains(*gateway)) throw Error::of("no matching subnet for gateway {}", wanted);
    return gateway->text();
}

void takePools(Network& network, const std::vector<Cidr>& used) {
    for (const IpamPool& pool : network.spec.pools) {
        if (pool.subnet.empty()) continue;
        Cidr subnet = subnetOf(pool.subnet);
        if (!pool.range.empty() && !subnet.overlaps(subnetOf(pool.range))) throw Error::of("invalid pool: {} is not part of {}", pool.range, pool.subnet);
        for (const Cidr& other : used) {
            if (!other.overlaps(subnet)) continue;
            throw Conflict("invalid pool request: Pool overlaps with other one on this address space")
                .detail(fmt::format("{} overlaps with {}, which another network or a route of the host has", subnet.text(), other.text()));
        }
        std::string& place = subnet.address.isV6() ? network.subnet6 : network.subnet4;
        if (!place.empty()) continue;
        place = subnet.text();
        (subnet.address.isV6() ? network.gateway6 : network.gateway4) = gatewayOf(subnet, pool.gateway);
    }
}

}  // namespace

std::vector<Cidr> hostSubnets() {
    std::vector<Cidr> subnets;
    for (const std::string& text : Netlink().usedNetworks()) {
        if (auto cidr = Cidr::parse(text)) subnets.push_back(*cidr);
    }
    return subnets;
}

std::vector<Cidr> subnetsOf(const std::vector<Network>& networks) {
    std::vector<Cidr> subnets;
    for (const Network& network : networks) {
        for (const std::string& text : {network.subnet4, network.subnet6}) {
            if (auto cidr = Cidr::parse(text)) subnets.push_back(*cidr);
        }
    }
    return subnets;
}

void chooseSubnets(Network& network, const std::vector<Cidr>& used) {
    takePools(network, used);
    if (network.spec.enableIpv4 && network.subnet4.empty()) {
        auto subnet = freeSubnet4(used);
        if (!subnet) throw Error("could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network");
        network.subnet4 = subnet->text();
        network.gateway4 = gatewayOf(*subnet, {});
    }
    if (network.spec.enableIpv6 && network.subnet6.empty()) {
        Cidr subnet = freeSubnet6(network.id, used);
        network.subnet6 = subnet.text();
        network.gateway6 = gatewayOf(subnet, {});
    }
}

bool isAskedFor(const Network& network, const Cidr& subnet) {
    return std::any_of(network.spec.pools.begin(), network.spec.pools.end(), [&](const IpamPool& pool) {
        auto asked = Cidr::parse(pool.subnet);
        return asked && *asked == subnet;
    });
}

std::optional<Cidr> obstacleTo(const Cidr& subnet, bool askedFor, const std::vector<Cidr>& used) {
    for (const Cidr& other : used) {
        if (other.overlaps(subnet) && (!askedFor || other.prefix >= subnet.prefix)) return other;
    }
    return {};
}

Fd lockSubnets() {
    Fd lock(::open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock) return lock;
    while (::flock(lock.get(), LOCK_EX) != 0) {
        if (errno != EINTR) throw SystemError(std::string("lock ") + lockPath, errno);
    }
    return lock;
}

}  // namespace devc::engine

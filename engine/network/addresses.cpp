#include "engine/network/addresses.h"

#include <algorithm>

#include <fmt/core.h>

#include "engine/digest.h"

namespace devc::engine {

namespace {

struct PoolRange {
    unsigned a, b;             ///< first two numbers of the first subnet
    unsigned prefix, count;    ///< size of each subnet, how many
};
constexpr PoolRange defaultPools[] = {
    {172, 17, 16, 15},
    {192, 168, 20, 16},
};

bool free(const Cidr& candidate, const std::vector<Cidr>& used) {
    return std::none_of(used.begin(), used.end(), [&](const Cidr& other) { return other.overlaps(candidate); });
}

}  // namespace

std::optional<Cidr> freeSubnet4(const std::vector<Cidr>& used) {
    for (const PoolRange& pool : defaultPools) {
        for (unsigned at = 0; at < pool.count; ++at) {
            std::uint32_t start = (pool.a << 24 | pool.b << 16) + (at << (32 - pool.prefix));
            Cidr candidate = Cidr::of(IpAddress::v4(start), pool.prefix);
            if (free(candidate, used)) return candidate;
        }
    }
    return {};
}

Cidr freeSubnet6(const std::string& seed, const std::vector<Cidr>& used) {
    for (unsigned attempt = 0;; ++attempt) {
        std::string digits = sha256Hex(fmt::format("{}:{}", seed, attempt));
        std::string text = fmt::format("fd{}:{}:{}:{}::", digits.substr(0, 2), digits.substr(2, 4), digits.substr(6, 4),
                                       digits.substr(10, 4));
        Cidr candidate = Cidr::of(*IpAddress::parse(text), 64);
        if (free(candidate, used)) return candidate;
    }
}

bool isHostAddress(const Cidr& subnet, const IpAddress& address) {
    if (!subnet.contains(address)) return false;
    bool pointToPoint = subnet.prefix >= address.bits() - 1;  // RFC 3021: both addresses are hosts'
    if (pointToPoint) return true;
    return address != subnet.address && (address.isV6() || address != subnet.last());
}

std::optional<IpAddress> freeAddress(const Cidr& subnet, const Cidr& range, const std::set<IpAddress>& taken) {
    IpAddress last = range.last();
    // At most one more than the taken ones and the two reserved ones need to be looked at.
    for (IpAddress at = range.address;; at = at.plus(1)) {
        if (isHostAddress(subnet, at) && !taken.contains(at)) return at;
        if (at == last) return {};
    }
}

std::string macFor(const std::optional<IpAddress>& ipv4, const std::string& seed) {
    if (!ipv4) {
        std::string digits = sha256Hex(seed);
        return fmt::format("02:42:{}:{}:{}:{}", digits.substr(0, 2), digits.substr(2, 2), digits.substr(4, 2), digits.substr(6, 2));
    }
    const std::uint8_t* bytes = ipv4->bytes();
    return fmt::format("02:42:{:02x}:{:02x}:{:02x}:{:02x}", bytes[0], bytes[1], bytes[2], bytes[3]);
}

}  // namespace devc::engine

#pragma once
#include <optional>
#include <set>
#include <vector>

#include "engine/linux/ip_address.h"

namespace devc::engine {

/// The first of docker's default pools (172.17-31.0.0/16, then 192.168.0.0/20 in /20 steps) that overlaps with none of
/// `used`; nullopt: all are taken.
std::optional<Cidr> freeSubnet4(const std::vector<Cidr>& used);

/// A unique local /64 made from `seed` (hexadecimal digits, an id) that overlaps with none of `used`.
Cidr freeSubnet6(const std::string& seed, const std::vector<Cidr>& used);

/// The lowest address of `range` that is a host's address of `subnet` and not in `taken`; nullopt: none is left.
std::optional<IpAddress> freeAddress(const Cidr& subnet, const Cidr& range, const std::set<IpAddress>& taken);

/// True if a host may have the address: inside, and neither the network's own nor IPv4's broadcast address.
bool isHostAddress(const Cidr& subnet, const IpAddress& address);

/// Docker's way to a stable hardware address: 02:42 and the IPv4 address, or four bytes of `seed` (hexadecimal digits).
std::string macFor(const std::optional<IpAddress>& ipv4, const std::string& seed);

}  // namespace devc::engine

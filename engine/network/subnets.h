#pragma once
#include <optional>
#include <vector>

#include "engine/linux/fd.h"
#include "engine/linux/ip_address.h"
#include "engine/network/networks.h"

namespace devc::engine {

/// Subnets that routes and addresses of the host have.
std::vector<Cidr> hostSubnets();
/// Those that `networks` have, whether or not their bridges are up.
std::vector<Cidr> subnetsOf(const std::vector<Network>& networks);

/// Gives the network the subnets that its pools ask for, and of the families that it then has none of, a free one.
/// Throws Conflict if one that is asked for overlaps with a used one.
void chooseSubnets(Network& network, const std::vector<Cidr>& used);

/// True if a pool of the network asks for the subnet: it is never exchanged for another.
bool isAskedFor(const Network& network, const Cidr& subnet);

/// What of `used` keeps a bridge from having the subnet. One that the engine chose gives way to everything that overlaps;
/// one that is asked for only to what is as narrow or narrower: over a wider route it wins.
std::optional<Cidr> obstacleTo(const Cidr& subnet, bool askedFor, const std::vector<Cidr>& used);

/// Held from looking for a free subnet until a bridge has it, so that engines with other state directories do not find the
/// same one. The lock of a database comes first, then this one. Where there can be no such lock the result is empty.
Fd lockSubnets();

}  // namespace devc::engine

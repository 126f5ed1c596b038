#pragma once
#include <map>
#include <set>
#include <string>

#include "engine/host.h"
#include "engine/network/endpoint_store.h"
#include "engine/network/firewall.h"

namespace devc::engine {

namespace nft {
class Nftables;
}

using NetworkMap = std::map<std::string, Network>;  ///< by id

NetworkMap networkMap(const EndpointStore& store);

/// What the rules of a network are made of. Pure.
FirewallNetwork firewallNetwork(const Network& network);

/// Firewall tables of this state directory, of networks on which nothing lives.
std::vector<std::string> strayTables(const Host& host, const EndpointStore& store, nft::Nftables& firewall);

/// Writes names and firewall rules of everything that the networks touch, as the store has it: in one nftables transaction.
void publishState(const Host& host, const EndpointStore& store, const std::set<std::string>& networkIds, nft::Nftables& firewall);

}  // namespace devc::engine

#pragma once
#include <map>

#include "engine/network/endpoint_store.h"

namespace devc::engine {

/// Leases what the network has families for and the endpoint has no address of; `others` are the network's endpoints.
void leaseAddresses(Endpoint& endpoint, const Network& network, const std::vector<Endpoint>& others);

/// The endpoint over which the container's default route goes: highest gateway priority, then by name of the network;
/// never an internal one. nullptr: there is none.
const Endpoint* gatewayEndpoint(const std::vector<Endpoint>& own, const std::map<std::string, Network>& networks, bool v6);

/// Name of the host's end of the veth pair: at most 15 characters, the same every time.
std::string hostInterfaceOf(const Endpoint& endpoint);

}  // namespace devc::engine

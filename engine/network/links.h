#pragma once
#include <vector>

#include "engine/network/endpoint_store.h"
#include "engine/network/firewall.h"

namespace devc::engine {

/// What links open on a network whose containers may not talk to each other: from each container that has links to the exposed
/// ports of those that it is linked to, of all their replicas, while both are live. `endpoints`: all of the network. Pure.
std::vector<FirewallLink> linksOn(const Network& network, const std::vector<Endpoint>& endpoints);

}  // namespace devc::engine

#pragma once
#include <set>
#include <string>
#include <vector>

#include "engine/host.h"
#include "engine/network/endpoint_store.h"

namespace devc::engine {

/// Notes that this process is about to start the endpoint's container.
void activateBy(const Host& host, Endpoint& endpoint);

/// Those of the endpoints that are live although their container has ended, and not since been made live by a process that is
/// still about to start it.
std::vector<Endpoint> deadOf(const Host& host, std::vector<Endpoint> endpoints);

/// Ends these, see deadOf(). Returns the ids of their networks, whose names and rules are to be written anew.
std::set<std::string> endDead(const Host& host, EndpointStore& store, std::vector<Endpoint> endpoints);

}  // namespace devc::engine

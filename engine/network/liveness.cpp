#include "engine/network/liveness.h"

#include <map>
#include <unistd.h>

#include "engine/launch/launch.h"
#include "engine/linux/process.h"
#include "engine/timestamp.h"

namespace devc::engine {

namespace {

/// The start that it was made live for is still to come.
bool isAwaited(const Endpoint& endpoint, const ContainerState& state) {
    return endpoint.activator && state.finishedAt < endpoint.activated && startTimeOf(endpoint.activator) == endpoint.activatorStart;
}

}  // namespace

void activateBy(Endpoint& endpoint) {
    endpoint.active = true;
    endpoint.activator = ::getpid();
    endpoint.activatorStart = startTimeOf(endpoint.activator);
    endpoint.activated = timestampNow();
}

std::set<std::string> endDead(const Host& host, EndpointStore& store, std::vector<Endpoint> endpoints) {
    std::set<std::string> touched;
    std::map<std::string, ContainerState> states;
    for (Endpoint& endpoint : endpoints) {
        if (!endpoint.active) continue;
        auto [state, isNew] = states.try_emplace(endpoint.container);
        if (isNew) state->second = readState(host, endpoint.container);
        if (isUp(state->second) || isAwaited(endpoint, state->second)) continue;
        endpoint.active = false;
        endpoint.published.clear();
        store.save(endpoint);
        touched.insert(endpoint.networkId);
    }
    return touched;
}

}  // namespace devc::engine

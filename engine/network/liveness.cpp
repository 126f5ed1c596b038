#include "engine/network/liveness.h"

#include <map>
#include <unistd.h>

#include "engine/launch/launch.h"
#include "engine/linux/process.h"

namespace devc::engine {

namespace {

bool isUp(const Host& host, const std::string& container) {
    Status status = readState(host, container).status;
    return status == Status::Running || status == Status::Paused || status == Status::Restarting;
}

bool startsStill(const Endpoint& endpoint) {
    return endpoint.activator && startTimeOf(endpoint.activator) == endpoint.activatorStart;
}

}  // namespace

void activateBy(Endpoint& endpoint) {
    endpoint.active = true;
    endpoint.activator = ::getpid();
    endpoint.activatorStart = startTimeOf(endpoint.activator);
}

std::set<std::string> endDead(const Host& host, EndpointStore& store) {
    std::set<std::string> touched;
    std::map<std::string, bool> up;
    for (Endpoint& endpoint : store.all()) {
        if (!endpoint.active || startsStill(endpoint)) continue;
        auto [known, isNew] = up.try_emplace(endpoint.container, false);
        if (isNew) known->second = isUp(host, endpoint.container);
        if (known->second) continue;
        endpoint.active = false;
        endpoint.published.clear();
        store.save(endpoint);
        touched.insert(endpoint.networkId);
    }
    return touched;
}

}  // namespace devc::engine

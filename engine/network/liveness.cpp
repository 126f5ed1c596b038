#include "engine/network/liveness.h"

#include <fcntl.h>
#include <map>
#include <sys/file.h>
#include <unistd.h>

#include "engine/launch/launch.h"
#include "engine/linux/fd.h"
#include "engine/linux/process.h"

namespace devc::engine {

namespace {

/// The lock of a container goes from the command that starts it to its monitor, until the program runs.
bool isBeingStarted(const Host& host, const std::string& container) {
    Fd folder(::open(host.containerDir(container).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return folder && ::flock(folder.get(), LOCK_SH | LOCK_NB) != 0;
}

/// The start that it was made live for is still to come, by the command that did it or, if that was killed, by the monitor.
bool isAwaited(const Host& host, const Endpoint& endpoint, const ContainerState& state) {
    // Not by which is later: a clock that was set back would make the last end one that is still to come.
    if (!endpoint.activator || state.finishedAt != endpoint.endBefore) return false;
    return startTimeOf(endpoint.activator) == endpoint.activatorStart || isBeingStarted(host, endpoint.container);
}

}  // namespace

void activateBy(const Host& host, Endpoint& endpoint) {
    endpoint.active = true;
    endpoint.activator = ::getpid();
    endpoint.activatorStart = startTimeOf(endpoint.activator);
    endpoint.endBefore = readState(host, endpoint.container).finishedAt;
}

std::vector<Endpoint> deadOf(const Host& host, std::vector<Endpoint> endpoints) {
    std::map<std::string, ContainerState> states;
    std::erase_if(endpoints, [&](const Endpoint& endpoint) {
        if (!endpoint.active) return true;
        auto [state, isNew] = states.try_emplace(endpoint.container);
        if (isNew) state->second = readState(host, endpoint.container);
        return isUp(state->second) || isAwaited(host, endpoint, state->second);
    });
    return endpoints;
}

std::set<std::string> endDead(const Host& host, EndpointStore& store, std::vector<Endpoint> endpoints) {
    std::set<std::string> touched;
    std::vector<Endpoint> dead = deadOf(host, std::move(endpoints));
    for (Endpoint& endpoint : dead) {
        endpoint.active = false;
        endpoint.published.clear();
        store.save(endpoint);
        touched.insert(endpoint.networkId);
    }
    return touched;
}

}  // namespace devc::engine

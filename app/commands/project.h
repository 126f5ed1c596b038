#pragma once
#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/context.h"
#include "app/project/converge.h"
#include "engine/container/containers.h"

// What the commands on projects have in common.
namespace devc::app {

/// The flags of `up`, `create`, `run` and `scale` that say how images are had.
struct ImageFlags {
    std::string pull;
    bool build = false, noBuild = false, quietPull = false, quietBuild = false;

    void addTo(CLI::App& command, bool withBuild = true);
    ImageOptions options(const Context& context) const;
};

/// Containers of the project, of these services (all if none is named), in order of service and number. A service that the
/// project knows neither in its file nor in its containers throws Error "no such service: x".
/// `oneOffs`: those of `run` too.
std::vector<engine::Container> containersOfServices(Context& context, const std::vector<std::string>& services, bool oneOffs = false);

/// The container of a service by --index, else its lowest number; it must run unless `stopped` is true.
/// Throws Error `service "x" is not running`.
engine::Container containerOfService(Context& context, const std::string& service, int index, bool stopped = false);

/// `command` with its positional list of services.
void addServices(CLI::App& command, std::vector<std::string>& services);

/// With --dry-run: says what would be done to the container, and that is all; false without it.
bool onlySaid(Context& context, const std::string& container, std::string doing, std::string done);

/// Does the graph under the project's lock with progress on stderr.
void perform(Context& context, const std::function<ActionGraph()>& plan);

}  // namespace devc::app

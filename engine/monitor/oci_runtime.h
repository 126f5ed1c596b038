#pragma once
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/launch/launch.h"
#include "engine/linux/process.h"
#include "engine/monitor/start.h"

namespace devc::engine {

/// What is to be different in the container's configuration where another runtime makes it: its root is mounted already,
/// its user looked up, its network there, its limits in force.
struct BundleChanges {
    std::string root;              ///< where the root is mounted
    ContainerUser user;
    std::string networkNamespace;  ///< path; empty: as the configuration says
    std::string cgroup;            ///< absolute path of its control group
    std::string initProgram;       ///< a program on the host that is to be process 1; empty: none
    unsigned rows = 0, columns = 0;
};

/// config.json of the bundle. Pure.
std::string bundleConfig(const std::string& config, const BundleChanges& changes);

/// What a runtime's log says went wrong, its last error; with docker's status: 127 not found, 126 not executable, 125. Pure.
Error runtimeFailure(const std::string& program, const std::string& log);

/// Makes a container by plan.runtime, a program with the command line of the OCI runtimes (create, start, kill, delete).
/// The monitor has a mount namespace of its own for it, in which the root is mounted, and becomes the first process's
/// parent. `text`: what `config` was read from. The holdings have the control groups and the network. Throws Error; then no
/// process of it is left.
Started startByRuntime(const MonitorPlan& plan, const RuntimeConfig& config, const std::string& text, StartStdio stdio, Holdings& holdings);
/// Sends a signal by the runtime. False if it could not.
bool signalByRuntime(const MonitorPlan& plan, int signal);
/// After its end, also of a start that failed.
void deleteFromRuntime(const MonitorPlan& plan);

}  // namespace devc::engine

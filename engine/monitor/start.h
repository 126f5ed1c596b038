#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/launch/launch.h"
#include "engine/linux/cgroup.h"
#include "engine/linux/process.h"
#include "engine/linux/terminal.h"
#include "engine/monitor/contain.h"
#include "engine/monitor/resolver.h"
#include "engine/monitor/runtime_config.h"

namespace devc::engine {

/// What the monitor holds of a container between its starts: control groups and network stay, so that a restart is cheap and
/// others that joined the network keep it.
struct Holdings {
    std::unique_ptr<Cgroup> cgroup;
    Fd networkNamespace;             ///< open if the container has one of its own
    ResolverSockets resolver;        ///< open after the first start if the plan has one, until somebody takes them
    std::vector<std::string> warnings;  ///< what this host could not do of what was asked for, of all starts
};

/// The container's ends of its stdio without a terminal, or the terminal's size if it is known.
struct StartStdio {
    Fd in, out, err;
    TerminalSize size;
};

struct Started {
    Child init;
    Fd terminal;  ///< master, with a terminal
    std::unique_ptr<RuntimeConfig> afterEnd;  ///< the configuration, if it has hooks to run when the process has ended
};

/// Makes the box of `folder` (config.json beside monitor.json), with its first process running the program. Throws Error
/// with docker's status; then no process of it is left. Holdings are filled at the first start and used again.
Started startContainer(const MonitorPlan& plan, const std::string& folder, StartStdio stdio, Holdings& holdings);

/// The same for a bundle of the OCI runtime specification. The first process is ready, and waits at terms.gate; it lives on
/// when the caller ends. Hooks "prestart" and "createRuntime" have been run.
Started createFromBundle(const std::string& id, RuntimeConfig& config, const BundleTerms& terms, StartStdio stdio, Holdings& holdings);

/// The first process has ended: runs hooks "poststop". Failures of theirs are added to the container's warnings.
void runAfterEnd(const MonitorPlan& plan, const std::string& folder, const Started& started, Holdings& holdings);

/// A signal to the first process.
void signalFirst(const MonitorPlan& plan, const Child& init, int signal);

/// Control groups of a container that ended, and interfaces on the host.
void releaseHoldings(const MonitorPlan& plan, Holdings& holdings);

}  // namespace devc::engine

#pragma once
#include <functional>
#include <string>
#include <vector>

#include "engine/launch/launch.h"
#include "engine/linux/cgroup.h"
#include "engine/linux/fd.h"
#include "engine/monitor/runtime_config.h"

namespace devc::engine {

/// What is different where the container is a bundle of somebody else's: see engine/runtime/.
struct BundleTerms {
    std::string folder;  ///< of the bundle
    std::string root;    ///< the container's root, absolute
    Fd gate;             ///< a FIFO, open to both sides: the program runs when somebody writes a byte
};

/// What the first process of a container needs from its monitor.
struct Containment {
    const MonitorPlan& plan;
    RuntimeConfig& config;
    std::vector<Cgroup::View> cgroups;
    std::string seccomp;         ///< the compiled filter
    Fd link;                     ///< its end of the message pair, see below
    int in = -1, out = -1, err = -1;  ///< its stdio without a terminal
    int networkNamespace = -1;   ///< to join instead of a new one, or -1
    std::vector<Fd> doors;       ///< of the control groups, unless it was made in them
    const BundleTerms* bundle = nullptr;
};

/// The words on the link, first byte of a message:
///   monitor -> container: "G<pid>" go on, the network is there; the pid as the monitor sees it
///   container -> monitor: "T" with a descriptor: the master of its terminal; "W<sentence>": what this host
///     could not do of what was asked for; "F<status> <sentence>": the start failed
/// The link closes by itself when the program runs, or when a bundle's is ready to.

/// The first process of a container, in its new namespaces: builds the box, waits for "G", becomes the program.
/// Never returns: says on the link what failed and exits.
[[noreturn]] void contain(Containment);

/// Runs the steps; an Error in them goes as "F" over the link, or to stderr where the steps have closed it, and the process
/// exits with its status.
[[noreturn]] void reportFailure(const Fd& link, const std::function<void()>& steps);

}  // namespace devc::engine

#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/container/cdi.h"
#include "engine/container/host_things.h"
#include "engine/image/images.h"
#include "engine/spec.h"

namespace devc::engine {

/// A number for one block device of the host.
struct BlockDeviceValue {
    unsigned major = 0, minor = 0;
    std::uint64_t value = 0;
};

/// Resources' limits for single block devices.
struct BlockDeviceValues {
    std::vector<BlockDeviceValue> weights, readBps, writeBps, readIops, writeIops;
};

/// What ociConfig() needs to know beside the specification; whoever calls it finds it out.
struct OciInput {
    std::string id;
    ImageConfig image;
    std::vector<std::string> arguments;              ///< see argumentsOf()
    std::string hostname;                            ///< as the container will see it
    std::string rootPath;                            ///< of config.json's root
    std::vector<ResolvedMount> mounts;               ///< asked for, and the files of the container (hosts, ...)
    std::vector<HostDevice> devices;
    BlockDeviceValues blocks;
    std::vector<std::string> deviceEnvironment;      ///< variables that devices bring
    std::vector<HookProgram> hooks;                  ///< programs that devices want run
    std::map<std::string, std::string> joined;       ///< namespace ("network", "pid", "ipc") -> /proc/<pid>/ns/...
    std::set<std::string> availableCapabilities;
    bool limitsProcesses = true;  ///< the machine can: a container for which no limit is asked for has one
};

/// The OCI runtime configuration (runtime-spec 1.1, config.md, config-linux.md) of a container, with docker's defaults.
/// Pure. Throws Error on what cannot be: an unknown capability, no program to run.
nlohmann::json ociConfig(const ContainerSpec&, const OciInput&);

/// Entrypoint and command: the image's where the specification has none; an entrypoint of the specification sets the image's
/// command aside. Throws Error if nothing is left.
std::vector<std::string> argumentsOf(const ContainerSpec&, const ImageConfig&);
/// PATH, HOSTNAME, TERM (with a terminal), then the image's, then the specification's; a later one of the same name wins
/// in the place of the first; "NAME" without value takes it out. HOME is added at the start, from the container's passwd.
std::vector<std::string> environmentOf(const ContainerSpec&, const ImageConfig&, const std::string& hostname);
/// The image's healthcheck with what the specification says instead, defaults filled in. Empty test: none.
HealthCheck healthCheckOf(const ContainerSpec&, const ImageConfig&);

}  // namespace devc::engine

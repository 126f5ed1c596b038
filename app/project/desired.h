#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "compose/model/project.h"
#include "engine/network/networks.h"
#include "engine/spec.h"
#include "engine/volume/volumes.h"

namespace devc::app {

struct DesiredService {
    std::string name;
    std::string image;          ///< reference that its containers run
    std::string configHash;
    int replicas = 1;
    bool selected = true;       ///< named by the user, not only a dependency of one that is
    std::string containerName;  ///< container_name; empty: PROJECT-SERVICE-N
    std::map<std::string, compose::Dependency> dependsOn;
    /// Services whose container this one names: namespaces and volumes of it are used, so it lives and dies with it.
    std::set<std::string> shares;
    std::set<std::string> networks;  ///< keys
    bool healthcheck = true;         ///< false: it says that there is none
    bool preStart = false;           ///< it has pre_start: what that takes is waited for
    engine::ContainerSpec spec;      ///< of every replica; name, number and image id are filled in by the plan's executor
};

struct DesiredNetwork {
    std::string key;
    bool external = false;
    engine::NetworkSpec spec;
};

struct DesiredVolume {
    std::string key;
    bool external = false;
    engine::VolumeSpec spec;
};

/// What the engine should hold for a project.
struct DesiredProject {
    std::string name;
    std::string separator = "-";  ///< "_" with --compatibility
    std::map<std::string, DesiredService> services;
    std::map<std::string, DesiredNetwork> networks;  ///< by key
    std::map<std::string, DesiredVolume> volumes;    ///< by key
    std::set<std::string> known;                     ///< services of the file that are not asked for now: no orphans

    std::string containerName(const DesiredService& service, int number) const;
};

struct DesiredOptions {
    std::map<std::string, int> scale;   ///< --scale, over the file's
    std::set<std::string> selected;     ///< services named by the user; empty: all
    bool compatibility = false;
};

/// The compose model in the engine's words. Reads the files of configs and secrets, nothing else.
/// Throws Error for what cannot be: a scaled service with container_name, an unknown service in `scale`.
DesiredProject desiredOf(const compose::Project& project, const DesiredOptions& options);

}  // namespace devc::app

#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compose/model/service.h"
#include "compose/model/volume.h"

namespace devc::compose {

class Node;

/// A loaded project: what every command works on. Immutable by convention after load(): copy to change.
struct Project {
    std::string name;
    std::string workingDir;                   // absolute; the base of relative paths
    StringList files;                         // absolute, in the order of merging; "-" is standard input
    StringMap environment;                    // with which it was interpolated (shell over .env files)
    StringList activeProfiles;
    bool allResources = false;                // networks, volumes, configs and secrets that no service uses stay, too

    /// Enabled services by name.
    std::map<std::string, Service> services;
    /// Services that no active profile enables.
    std::map<std::string, Service> disabledServices;
    std::map<std::string, Network> networks;  // those that enabled services use
    std::map<std::string, Volume> volumes;
    std::map<std::string, FileObject> configs;
    std::map<std::string, FileObject> secrets;
    std::map<std::string, Model> models;

    /// The normalised document, for `devc config`; it has disabled services and unused resources too.
    std::shared_ptr<const Node> document;
    /// Loaded without interpolation: only name, files, workingDir, environment and document are filled.
    bool raw = false;

    /// The service, enabled or not; nullptr if there is none of that name.
    const Service* find(const std::string& name) const;
    /// All profile names that services mention, sorted.
    StringList profiles() const;
};

}  // namespace devc::compose

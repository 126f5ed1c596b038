#pragma once
#include <map>
#include <string>
#include <vector>

#include "compose/model/health.h"
#include "engine/container/containers.h"
#include "engine/network/networks.h"
#include "engine/volume/volumes.h"

namespace devc::engine {
class Engine;
}

namespace devc::app {

/// What the engine holds of a project, and what of the rest a plan has to know.
struct ObservedProject {
    std::vector<engine::Container> containers;          ///< of the project, one-offs too, in any order
    std::map<std::string, engine::Network> networks;    ///< by name, all of the engine
    std::map<std::string, engine::Volume> volumes;      ///< by name, all of the engine
    std::map<std::string, std::string> images;          ///< id by reference, of the services' images that are present
};

/// The project's containers, and all networks and volumes. `references`: images to look up.
ObservedProject observe(engine::Engine& engine, const std::string& project, const std::vector<std::string>& references);

/// The project's containers alone, by service and number.
std::vector<engine::Container> containersOf(engine::Engine& engine, const std::string& project);

std::string labelOf(const engine::Container& container, const char* name);
std::string serviceOf(const engine::Container& container);
/// The replica's number; 0 where the label is none.
int numberOf(const engine::Container& container);
bool isOneOff(const engine::Container& container);
/// Running, paused or about to be restarted: what `ps` shows without -a.
bool isActive(const engine::Container& container);
/// It ran and does not any more.
bool hasEnded(const engine::Container& container);
/// What the container's service depends on, as its label says.
struct LabelDependency {
    std::string service;
    compose::Condition condition = compose::Condition::Started;
    bool restart = false;
};
std::vector<LabelDependency> dependenciesOf(const engine::Container& container);
/// Orders by service, then number, then name.
bool byServiceAndNumber(const engine::Container& left, const engine::Container& right);

}  // namespace devc::app

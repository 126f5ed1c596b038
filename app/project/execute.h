#pragma once
#include <functional>
#include <map>
#include <string>

#include "app/project/action.h"
#include "app/project/desired.h"
#include "app/project/hooks.h"

namespace devc::engine {
class Engine;
}

namespace devc::app {

class Progress;

class Stopwatch;

struct ExecuteOptions {
    int parallel = 0;     ///< most actions at a time; 0 or less: as many as help
    bool dryRun = false;  ///< shows every step, does none
    /// Images of the desired services, id by reference.
    std::map<std::string, std::string> images;
    Hooks hooks;            ///< run after starts and before stops
    HookOutput hookOutput;  ///< what they write; none: messages of the progress
    Stopwatch* stopwatch = nullptr;  ///< takes the time of each action; nullptr: nobody asks
    /// Called with id, name and service when a container was started. May come from several threads.
    std::function<void(const std::string& id, const std::string& name, const std::string& service)> started;
};

/// Does a plan, as wide as the dependencies allow. `desired` gives the specifications of what is made; nullptr for plans
/// that make nothing. Throws the first failure; what began until then is finished, and the next plan goes on from there.
void execute(engine::Engine& engine, const ActionGraph& graph, const DesiredProject* desired, Progress& progress, const ExecuteOptions& options);

}  // namespace devc::app

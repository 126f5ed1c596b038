#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compose/model/project.h"
#include "engine/container/containers.h"

namespace devc::engine {
class Engine;
}

namespace devc::app {

/// A container that runs to its end before the containers of its service start.
struct PreStart {
    std::function<engine::ContainerSpec()> spec;  ///< without image id and volumesFrom; reads the files of configs and secrets
    bool perReplica = false;                      ///< before each of them; else once, while none of them runs
};

/// Commands that a service wants run: before its containers start, and in each of them.
struct ServiceHooks {
    std::vector<PreStart> preStart;
    std::vector<compose::Hook> postStart, preStop;

    bool hasPreStart(bool perReplica) const;
};
/// By name of the service; those without any are left out.
using Hooks = std::map<std::string, ServiceHooks>;

/// Of use as long as the project is.
Hooks hooksOf(const compose::Project& project, const std::string& separator = "-");

/// What `exec` needs to run the command: a variable without a value is taken away, as Docker's exec does.
engine::ExecSpec execOf(const compose::Hook& hook);

/// A line that a hook has written; `source` is "web-1 ->". May come from several threads.
using HookOutput = std::function<void(const std::string& source, std::string_view line)>;

/// Runs the commands in the container, one after the other. Throws Error for the first that fails; those after it are not
/// run. Safe to call from several threads.
void runHooks(engine::Engine& engine, const engine::Container& container, const std::vector<compose::Hook>& hooks, const HookOutput& output);

/// Runs the containers that are, or are not, for each replica, one after the other, for `container`: they see its volumes. Each
/// is removed when it has ended. `images`: ids by reference, others are looked up. Throws Error for the first that fails.
void runPreStart(engine::Engine& engine, const engine::Container& container, const std::vector<PreStart>& hooks, bool perReplica,
                 const std::map<std::string, std::string>& images, const HookOutput& output);

}  // namespace devc::app

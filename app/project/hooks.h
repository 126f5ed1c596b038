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

/// Commands that a service wants run in each of its containers.
struct ServiceHooks {
    std::vector<compose::Hook> postStart, preStop;
};
/// By name of the service; those without any are left out.
using Hooks = std::map<std::string, ServiceHooks>;

Hooks hooksOf(const compose::Project& project);

/// What `exec` needs to run the command: a variable without a value is taken away, as Docker's exec does.
engine::ExecSpec execOf(const compose::Hook& hook);

/// A line that a hook has written; `source` is "web-1 ->". May come from several threads.
using HookOutput = std::function<void(const std::string& source, std::string_view line)>;

/// Runs the commands in the container, one after the other. Throws Error for the first that fails; those after it are not
/// run. Safe to call from several threads.
void runHooks(engine::Engine& engine, const engine::Container& container, const std::vector<compose::Hook>& hooks, const HookOutput& output);

}  // namespace devc::app

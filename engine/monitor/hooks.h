#pragma once
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

#include "engine/monitor/runtime_config.h"

namespace devc::engine {

/// The state of a container as runtime-spec runtime.md "State" has it, JSON.
std::string hookState(const std::string& id, const char* status, pid_t pid, const std::string& bundle, const std::map<std::string, std::string>& annotations);

/// Runs the configuration's hooks of a kind ("createRuntime"), one after the other, with the state on stdin. Throws Error
/// for the first that fails or takes longer than it may, with what it said.
void runHooks(const char* kind, const RuntimeConfig& config, const std::string& state);

/// Runs hooks "poststop". One that fails keeps neither the others nor the container's end: what they said is returned.
std::vector<std::string> runLastHooks(const RuntimeConfig& config, const std::string& state);

}  // namespace devc::engine

#pragma once
#include <optional>
#include <string>
#include <vector>

#include "compose/model/health.h"
#include "engine/spec.h"

namespace devc::engine {
class Engine;
}

namespace devc::app {

/// Waits (woken by the monitors, without polling) until all containers fulfil the condition: healthy, or ended with 0.
/// Throws Error "container x is unhealthy", "... exited (3)", "... has no healthcheck configured"; after `timeout` as well.
void awaitCondition(engine::Engine& engine, const std::string& service, const std::vector<std::string>& containers,
                    compose::Condition condition, std::optional<engine::Nanoseconds> timeout = {});

/// What `--wait-timeout` says; 0 is no limit.
std::optional<engine::Nanoseconds> waitLimit(std::optional<int> seconds);

/// `up --wait`: until every container is healthy, or runs if it has no healthcheck. Throws as awaitCondition().
void awaitReady(engine::Engine& engine, const std::vector<std::string>& containers, std::optional<engine::Nanoseconds> timeout);

}  // namespace devc::app

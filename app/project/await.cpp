#include "app/project/await.h"

#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::ContainerState;
using engine::Error;
using engine::HealthStatus;
using engine::Status;

bool ended(const ContainerState& state) { return state.status == Status::Exited || state.status == Status::Dead; }

bool healthDecided(const ContainerState& state) {
    if (ended(state)) return true;
    return state.status == Status::Running && state.health != HealthStatus::Starting;
}

/// The last thing that the check said: why it is not healthy.
void addProbe(Error& error, const ContainerState& state) {
    if (state.healthLog.empty()) return;
    const engine::HealthProbe& probe = state.healthLog.back();
    std::string output = probe.output.substr(0, probe.output.find_last_not_of('\n') + 1);
    error.detail(fmt::format("the last check ended with status {}{}{}", probe.exitCode, output.empty() ? "" : ": ", output));
}

[[noreturn]] void throwNotHealthy(const std::string& name, const ContainerState& state) {
    if (ended(state))
        throw Error::of("container {} exited ({})", name, state.exitCode).hint("`devc container logs " + name + "` shows what it wrote");
    Error error = Error::of("container {} is unhealthy", name);
    addProbe(error, state);
    throw error;
}

struct Waited {
    std::vector<std::string> ids, names;
    std::vector<bool> checked;
};

Waited resolve(engine::Engine& engine, const std::vector<std::string>& containers) {
    Waited result;
    for (const std::string& nameOrId : containers) {
        const engine::Container container = engine.containers().find(nameOrId);
        result.ids.push_back(container.id);
        result.names.push_back(container.name);
        result.checked.push_back(container.state.health != HealthStatus::None);
    }
    return result;
}

}  // namespace

void awaitCondition(engine::Engine& engine, const std::string& service, const std::vector<std::string>& containers,
                    compose::Condition condition, std::optional<engine::Nanoseconds> timeout) {
    const Waited waited = resolve(engine, containers);
    const bool healthy = condition == compose::Condition::Healthy;
    const auto accept = [&](const std::string&, const ContainerState& state) { return healthy ? healthDecided(state) : ended(state); };
    if (!engine::waitForState(engine.host(), waited.ids, accept, timeout))
        throw Error::of("service {} did not become {} in time", service, healthy ? "healthy" : "complete");
    for (std::size_t index = 0; index < waited.ids.size(); ++index) {
        const ContainerState state = engine::readState(engine.host(), waited.ids[index]);
        if (healthy && !ended(state) && state.health == HealthStatus::None)
            throw Error::of("container {} has no healthcheck configured", waited.names[index])
                .hint("give service " + service + " a healthcheck, or depend on it with condition service_started");
        if (healthy && (ended(state) || state.health != HealthStatus::Healthy)) throwNotHealthy(waited.names[index], state);
        if (!healthy && state.exitCode != 0)
            throw Error::of("service \"{}\" didn't complete successfully: exit {}", service, state.exitCode)
                .hint("`devc logs " + service + "` shows what it wrote");
    }
}

std::optional<engine::Nanoseconds> waitLimit(std::optional<int> seconds) {
    if (!seconds || *seconds <= 0) return std::nullopt;
    return std::chrono::seconds(*seconds);
}

void awaitReady(engine::Engine& engine, const std::vector<std::string>& containers, std::optional<engine::Nanoseconds> timeout) {
    const Waited waited = resolve(engine, containers);
    const auto accept = [&](const std::string&, const ContainerState& state) { return healthDecided(state); };
    const bool inTime = engine::waitForState(engine.host(), waited.ids, accept, timeout);
    for (std::size_t index = 0; index < waited.ids.size(); ++index) {
        const ContainerState state = engine::readState(engine.host(), waited.ids[index]);
        if (ended(state) || state.health == HealthStatus::Unhealthy) throwNotHealthy(waited.names[index], state);
        if (!inTime && state.health == HealthStatus::Starting) throw Error::of("container {} is not healthy yet: time limit reached", waited.names[index]);
    }
}

}  // namespace devc::app

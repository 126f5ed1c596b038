#include "engine/launch/state.h"

#include <nlohmann/json.hpp>

#include "engine/error.h"

namespace devc::engine {

using Json = nlohmann::json;

namespace {

constexpr std::string_view statusNames[] = {"created", "running", "paused", "restarting", "removing", "exited", "dead"};
constexpr std::string_view healthNames[] = {"none", "starting", "healthy", "unhealthy"};

template <typename Enumeration, size_t size>
Enumeration fromName(const std::string_view (&names)[size], std::string_view name) {
    for (size_t i = 0; i < size; ++i) {
        if (names[i] == name) return static_cast<Enumeration>(i);
    }
    throw Error::of("unknown container state {}", name);
}

}  // namespace

std::string_view nameOf(Status status) { return statusNames[static_cast<size_t>(status)]; }
std::string_view nameOf(HealthStatus status) { return healthNames[static_cast<size_t>(status)]; }

std::string encode(const ContainerState& state) {
    Json probes = Json::array();
    for (const HealthProbe& probe : state.healthLog) {
        probes.push_back({{"start", probe.start}, {"end", probe.end}, {"exitCode", probe.exitCode}, {"output", probe.output}});
    }
    Json json = {
        {"status", nameOf(state.status)}, {"pid", state.pid}, {"monitorPid", state.monitorPid},
        {"monitorStart", state.monitorStart}, {"exitCode", state.exitCode}, {"error", state.error},
        {"oomKilled", state.oomKilled}, {"startedAt", state.startedAt}, {"finishedAt", state.finishedAt},
        {"restartCount", state.restartCount}, {"stoppedByUser", state.stoppedByUser}, {"stopping", state.stopping}, {"health", nameOf(state.health)},
        {"failingStreak", state.failingStreak}, {"healthLog", std::move(probes)},
        {"warnings", state.warnings},
    };
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ContainerState decodeState(std::string_view text) {
    try {
        Json json = Json::parse(text);
        ContainerState state;
        state.status = fromName<Status>(statusNames, json.at("status").get<std::string>());
        state.pid = json.at("pid").get<pid_t>();
        state.monitorPid = json.at("monitorPid").get<pid_t>();
        state.monitorStart = json.at("monitorStart").get<std::uint64_t>();
        state.exitCode = json.at("exitCode").get<int>();
        state.error = json.at("error").get<std::string>();
        state.oomKilled = json.at("oomKilled").get<bool>();
        state.startedAt = json.at("startedAt").get<std::string>();
        state.finishedAt = json.at("finishedAt").get<std::string>();
        state.restartCount = json.at("restartCount").get<int>();
        state.stoppedByUser = json.at("stoppedByUser").get<bool>();
        state.stopping = json.value("stopping", false);
        state.health = fromName<HealthStatus>(healthNames, json.at("health").get<std::string>());
        state.failingStreak = json.at("failingStreak").get<int>();
        state.warnings = json.value("warnings", state.warnings);
        for (const Json& probe : json.at("healthLog")) {
            state.healthLog.push_back({probe.at("start").get<std::string>(), probe.at("end").get<std::string>(),
                                       probe.at("exitCode").get<int>(), probe.at("output").get<std::string>()});
        }
        return state;
    } catch (const Json::exception& error) {
        throw Error::of("the state of a container cannot be read: {}", error.what());
    }
}

}  // namespace devc::engine

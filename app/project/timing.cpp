#include "app/project/timing.h"

#include <chrono>
#include <cstdint>
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/linux/fd.h"
#include "engine/timestamp.h"

namespace devc::app {
namespace {

using nlohmann::json;

std::filesystem::path placeOf(const std::filesystem::path& runDir, const std::string& project) { return runDir / "projects" / (project + ".timing"); }

const char* wordOf(compose::Condition condition) {
    switch (condition) {
        case compose::Condition::Started: return "runs";
        case compose::Condition::Healthy: return "is healthy";
        case compose::Condition::CompletedSuccessfully: return "has completed";
    }
    return "";
}

}  // namespace

std::string describe(const Action& action) {
    switch (action.step) {
        case Step::CreateNetwork: return fmt::format("network {} created", action.subject);
        case Step::RemoveNetwork: return fmt::format("network {} removed", action.subject);
        case Step::CreateVolume: return fmt::format("volume {} created", action.subject);
        case Step::RemoveVolume: return fmt::format("volume {} removed", action.subject);
        case Step::CreateContainer: return fmt::format("container {} {}", action.subject, action.replaces.empty() ? "created" : "recreated");
        case Step::StopContainer: return fmt::format("container {} stopped", action.subject);
        case Step::RemoveContainers: return "containers removed";
        case Step::PrepareStart: return "ports, names and firewall set";
        case Step::RunPreStart: return fmt::format("pre_start of {} completed", action.service);
        case Step::StartContainer: return fmt::format("container {} started", action.subject);
        case Step::Await: return fmt::format("{} {}", action.service, wordOf(action.condition));
    }
    return "";
}

Stopwatch::Stopwatch() : began_(engine::timestampNow()), origin_(0) { origin_ = now(); }

std::int64_t Stopwatch::now() const {
    using namespace std::chrono;
    return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count() - origin_;
}

std::size_t Stopwatch::begin(std::string what) {
    const std::lock_guard lock(mutex_);
    TimedStep step;
    step.what = std::move(what);
    step.begin = now();
    for (std::size_t index = 0; index < steps_.size(); ++index) step.after.push_back(index);
    steps_.push_back(std::move(step));
    done_.push_back(false);
    return steps_.size() - 1;
}

std::size_t Stopwatch::expect(const ActionGraph& graph) {
    const std::lock_guard lock(mutex_);
    const std::size_t first = steps_.size();
    std::vector<std::size_t> earlier;
    for (std::size_t index = 0; index < first; ++index) earlier.push_back(index);
    for (const Action& action : graph.actions) {
        TimedStep step;
        step.what = describe(action);
        step.service = action.service;
        for (const std::size_t index : action.after) step.after.push_back(first + index);
        if (step.after.empty()) step.after = earlier;
        steps_.push_back(std::move(step));
        done_.push_back(false);
    }
    return first;
}

void Stopwatch::begin(std::size_t step) {
    const std::lock_guard lock(mutex_);
    steps_[step].begin = now();
}

void Stopwatch::end(std::size_t step) {
    const std::lock_guard lock(mutex_);
    steps_[step].end = now();
    done_[step] = true;
}

Timing Stopwatch::result(const std::string& project) const {
    const std::lock_guard lock(mutex_);
    Timing timing{project, began_, {}};
    std::vector<std::size_t> places(steps_.size());
    for (std::size_t index = 0; index < steps_.size(); ++index) {
        places[index] = timing.steps.size();
        if (done_[index]) timing.steps.push_back(steps_[index]);
    }
    for (TimedStep& step : timing.steps) {
        std::erase_if(step.after, [&](std::size_t index) { return !done_[index]; });
        for (std::size_t& index : step.after) index = places[index];
    }
    return timing;
}

std::string encode(const Timing& timing) {
    json steps = json::array();
    for (const TimedStep& step : timing.steps)
        steps.push_back({{"what", step.what}, {"service", step.service}, {"begin", step.begin}, {"end", step.end}, {"after", step.after}});
    return json({{"project", timing.project}, {"began", timing.began}, {"steps", steps}}).dump(-1, ' ', false, json::error_handler_t::replace);
}

Timing decodeTiming(const std::string& text) {
    try {
        const json object = json::parse(text);
        Timing timing{object.at("project"), object.at("began"), {}};
        for (const json& each : object.at("steps")) {
            TimedStep step{each.at("what"), each.at("service"), each.at("begin"), each.at("end"), each.at("after")};
            for (const std::size_t index : step.after)
                if (index >= object.at("steps").size()) throw engine::Error("a step comes after one that is not there");
            timing.steps.push_back(std::move(step));
        }
        return timing;
    } catch (const json::exception& error) {
        throw engine::Error::of("the times of the last `up` cannot be read: {}", error.what());
    }
}

void keep(const std::filesystem::path& runDir, const Timing& timing) {
    engine::replaceFile(placeOf(runDir, timing.project).string(), encode(timing), 0600);
}

std::optional<Timing> keptTiming(const std::filesystem::path& runDir, const std::string& project) {
    const std::string place = placeOf(runDir, project).string();
    if (::access(place.c_str(), R_OK) != 0) return std::nullopt;
    return decodeTiming(engine::readFile(place));
}

void forgetTiming(const std::filesystem::path& runDir, const std::string& project) { ::unlink(placeOf(runDir, project).c_str()); }

}  // namespace devc::app

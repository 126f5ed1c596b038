#include "engine/build/history.h"

#include <nlohmann/json.hpp>

#include "engine/build/epoch.h"

namespace devc::engine::build {

using nlohmann::json;

namespace {

bool hasTime(const json& entry) { return entry.contains("created") && entry["created"].is_string(); }

void takeTimesOfLayers(json& history, const Snapshot& snapshot) {
    std::size_t layer = 0;
    for (json& entry : history) {
        if (entry.value("empty_layer", false)) continue;
        if (!hasTime(entry) && layer < snapshot.times.size() && snapshot.times[layer] != 0)
            entry["created"] = formatTime(snapshot.times[layer]);
        ++layer;
    }
}

/// The first time after an entry without one, or else the last that there is.
std::string timeOfNews(const json& history) {
    std::string time;
    bool missing = false;
    for (const json& entry : history) {
        if (!hasTime(entry)) {
            missing = true;
            continue;
        }
        time = entry["created"];
        if (missing) break;
    }
    return time;
}

}  // namespace

void completeTimes(json& document, const Snapshot& snapshot, const std::string& fallback) {
    json& history = document["history"];
    takeTimesOfLayers(history, snapshot);
    std::string time = timeOfNews(history);
    if (time.empty()) time = fallback;
    bool missing = false;
    for (json& entry : history) {
        if (!hasTime(entry)) {
            missing = true;
            entry["created"] = time;
        } else if (missing) time = entry["created"];
    }
    document["created"] = history.empty() ? fallback : history.back()["created"].get<std::string>();
}

}  // namespace devc::engine::build

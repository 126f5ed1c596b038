#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "engine/spec.h"
#include "engine/host.h"

namespace devc::engine {

/// Something that happened, as docker's events name it.
struct Event {
    std::string time;    ///< RFC 3339 with nanoseconds
    std::string type;    ///< container, network, volume, image
    std::string action;  ///< create start die kill stop destroy health_status: healthy ...
    std::string id;
    std::map<std::string, std::string> attributes;
};

/// The event log: <run>/events, one JSON object a line, appended whole lines at a time by devc and the monitors.
class Events {
public:
    explicit Events(const Host&);
    void append(const Event&);
    /// Calls `sink` for events from `since` (or from now), waits for more (inotify) until `until`, false from sink,
    /// or until the descriptor `stop` is readable.
    void follow(const std::string& since, const std::string& until, const std::function<bool(const Event&)>& sink, int stop = -1);
private:
    const Host& host_;
};

}  // namespace devc::engine

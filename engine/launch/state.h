#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace devc::engine {

enum class Status { Created, Running, Paused, Restarting, Removing, Exited, Dead };
std::string_view nameOf(Status);  ///< docker's words: "created", "running", ...
/// A monitor stays with it: it runs, is paused, or waits for its next start.
constexpr bool isUp(Status status) { return status == Status::Running || status == Status::Paused || status == Status::Restarting; }

enum class HealthStatus { None, Starting, Healthy, Unhealthy };
std::string_view nameOf(HealthStatus);

struct HealthProbe {
    std::string start, end;  ///< RFC 3339 with nanoseconds
    int exitCode = 0;
    std::string output;  ///< at most 4096 bytes
};

/// What a container does now. Written by its monitor to <run>/containers/<id>/state (JSON, replaced atomically) at every
/// change, and at its end also to <state>/containers/<id>/exit, which outlives a reboot.
struct ContainerState {
    Status status = Status::Created;
    pid_t pid = 0;             ///< init of the container as the host sees it; 0 unless running
    pid_t monitorPid = 0;      ///< 0 unless the monitor lives
    std::uint64_t monitorStart = 0;  ///< start time of the monitor in clock ticks (/proc/<pid>/stat field 22): tells a reused pid
    int exitCode = 0;
    std::string error;
    std::vector<std::string> warnings;  ///< in what launch() returns: what this host could not do of what was asked for
    bool oomKilled = false;
    std::string startedAt, finishedAt;  ///< RFC 3339 with nanoseconds, UTC; "0001-01-01T00:00:00Z": never
    int restartCount = 0;
    bool stoppedByUser = false;  ///< stop or kill was asked for: `unless-stopped` does not come back
    bool stopping = false;       ///< a stop was asked for: it will end, whoever asked may be gone
    HealthStatus health = HealthStatus::None;
    int failingStreak = 0;
    std::vector<HealthProbe> healthLog;  ///< the last five
};

inline bool isUp(const ContainerState& state) { return isUp(state.status); }

std::string encode(const ContainerState&);
ContainerState decodeState(std::string_view json);

}  // namespace devc::engine

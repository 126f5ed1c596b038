#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "engine/linux/fd.h"

namespace devc::engine {

/// How a process ended, as wait(2) says it.
struct ExitStatus {
    int code = 0;    ///< what exit() was given; 0 if a signal ended it
    int signal = 0;  ///< the signal that ended it, or 0
    /// docker's number: the code, or 128 + signal.
    int number() const { return signal ? 128 + signal : code; }
};

/// A child process of the caller. Does not end it when the owner goes.
struct Child {
    pid_t pid = 0;
    Fd pidfd;  ///< readable in poll when the process has ended
};

/// clone3 with fork's meaning: returns twice, with pid 0 in the child. `flags` are CLONE_NEW*; `cgroup`: a folder of
/// cgroup v2 in which the child starts, or -1. Throws SystemError.
Child cloneProcess(std::uint64_t flags, int cgroup = -1);

/// Waits until it has ended and collects it.
ExitStatus waitFor(pid_t child);
/// The same without waiting; nothing if it still runs.
std::optional<ExitStatus> tryWaitFor(pid_t child);

Fd openPidfd(pid_t process);
/// False if the process has ended. Throws SystemError for other failures.
bool signalPidfd(int pidfd, int signal);

/// Start time in clock ticks since boot (field 22 of /proc/<pid>/stat); 0 if there is no such process or it is a zombie.
std::uint64_t startTimeOf(pid_t process);

/// Waits until one descriptor is readable or has hung up; false when `milliseconds` passed (-1: never).
bool waitReadable(int descriptor, int milliseconds = -1);

/// "SIGTERM", "TERM", "15", "RTMIN+3" -> number. Throws Error "invalid signal".
int signalNumber(const std::string& name);

/// What a program is started with by spawn(). Everything not named is closed.
struct SpawnRequest {
    int program = -1;                     ///< O_PATH descriptor of the executable
    std::vector<std::string> arguments;   ///< with argv[0]
    std::vector<int> descriptors;         ///< become 0, 1, 2, 3, ...; -1: /dev/null
    bool ownSession = false;              ///< without the caller's terminal and the signals of its keys
    bool detached = false;                ///< its own session, and a child of init instead of the caller
    bool bareEnvironment = false;         ///< no environment variables; otherwise the caller's
    std::string folder;                   ///< working directory; empty: the caller's
};
/// Starts a program without copying the caller's memory. Returns its pid (not a child of the caller if detached).
pid_t spawn(const SpawnRequest&);

/// Sets the calling process's signal dispositions and mask to what a new program expects.
void resetSignals();

}  // namespace devc::engine

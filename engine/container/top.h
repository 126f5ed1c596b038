#pragma once
#include <string>
#include <vector>

#include <sys/types.h>

namespace devc::engine {

/// Processes of a container as a table: titles, then a row a process.
struct ProcessTable {
    std::vector<std::string> titles;
    std::vector<std::vector<std::string>> rows;
};

/// The processes as `ps -ef` of the host shows them: UID PID PPID C STIME TTY TIME CMD. Those that end meanwhile are left out.
ProcessTable processTable(const std::vector<pid_t>& processes);

/// What the host's ps prints with `options`, lines of these processes only. Throws Error if there is no ps, it fails, or its
/// output has no PID column.
ProcessTable processTable(const std::vector<pid_t>& processes, const std::vector<std::string>& options);

}  // namespace devc::engine

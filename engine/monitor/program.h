#pragma once
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/monitor/runtime_config.h"
#include "engine/monitor/user.h"

namespace devc::engine {

/// A program that is about to run in a container: the same last steps for process 1, exec and healthchecks.
struct Program {
    std::vector<std::string> arguments, environment;
    std::string workingDir = "/";
    ContainerUser user;
    CapabilitySets capabilities;
    std::vector<RuntimeLimit> limits;
    std::string seccomp;           ///< compiled filter (struct sock_filter); empty: none
    bool noNewPrivileges = false;
    bool dieWithParent = false;
    unsigned umask = 022;
};

/// Sets HOME if the environment has none, and leaves the rest.
void addHome(std::vector<std::string>& environment, const std::string& home);

/// chdir, and proof that the folder is inside the root. Throws Error.
void enterWorkingDir(const std::string& path);

/// Limits of the calling process. One that cannot be raised without CAP_SYS_RESOURCE is set as far as it goes; returns a
/// sentence for each of those.
std::vector<std::string> applyLimits(const std::vector<RuntimeLimit>&);

/// Puts on user, groups, capabilities, seccomp; what remains of the engine's descriptors closes on exec.
void shedPrivileges(const Program&);

/// Replaces the calling process. Throws Error with status 127 (not found) or 126 (cannot run) in docker's words.
[[noreturn]] void execute(const Program&);

/// The two for a process that execs at once.
[[noreturn]] void become(const Program&);

/// dup2 onto 0, 1, 2; pipes are given to the user so that /dev/stdout can be opened again.
void takeStdio(int in, int out, int err, uid_t owner);
/// A session of its own with `terminal` as controlling terminal and stdio.
void takeTerminal(int terminal, uid_t owner);

}  // namespace devc::engine

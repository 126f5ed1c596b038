#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/linux/caps.h"
#include "engine/linux/cgroup.h"
#include "engine/monitor/user.h"

namespace devc::engine {

/// The parts of an OCI runtime configuration (runtime-spec 1.1) that a start needs. Parsed once, thrown away after it.
struct RuntimeMount {
    std::string destination, type, source;
    std::vector<std::string> options;
};

struct RuntimeNamespace {
    std::uint64_t flag = 0;  ///< CLONE_NEW*
    std::string path;        ///< to join; empty: a new one
};

struct RuntimeDevice {
    std::string path;
    char type = 'c';
    unsigned major = 0, minor = 0, mode = 0666, uid = 0, gid = 0;
};

struct RuntimeLimit {
    std::string name;  ///< "RLIMIT_NOFILE"
    int resource = 0;  ///< RLIMIT_NOFILE
    std::uint64_t soft = 0, hard = 0;
};

/// A program that is run at a certain moment of a container's life, with its state on stdin.
struct RuntimeHook {
    std::string path;
    std::vector<std::string> arguments, environment;
    std::int64_t timeout = 0;  ///< seconds, 0: none
};

struct RuntimeProcess {
    std::vector<std::string> arguments, environment;
    std::string workingDir = "/";
    bool terminal = false, noNewPrivileges = false;
    unsigned rows = 0, columns = 0;
    CapabilitySets capabilities;
    std::vector<RuntimeLimit> limits;
    std::optional<int> oomScoreAdj;
    std::optional<unsigned> umask;
    ContainerUser user;  ///< by number; devc's own containers have it in their plan
};

struct RuntimeConfig {
    RuntimeProcess process;
    bool readOnlyRoot = false;
    std::string rootPath;  ///< as written: relative to the bundle
    std::string hostname, domainname, cgroupsPath;
    std::vector<RuntimeMount> mounts;
    std::vector<RuntimeNamespace> namespaces;
    std::vector<RuntimeDevice> devices;
    std::vector<std::string> maskedPaths, readOnlyPaths;
    std::map<std::string, std::string> sysctls;
    CgroupLimits limits;
    std::map<std::string, std::vector<RuntimeHook>> hooks;  ///< "createRuntime", ...
    std::map<std::string, std::string> annotations;
    std::string seccomp;  ///< JSON; empty: none here (devc's own containers have a compiled one in their plan)

    const RuntimeNamespace* find(std::uint64_t flag) const;
    /// True if the namespace is made anew for this container.
    bool makes(std::uint64_t flag) const;
    bool isPrivileged() const { return maskedPaths.empty() && readOnlyPaths.empty(); }
};

/// Throws Error naming what is missing or wrong.
RuntimeConfig parseRuntimeConfig(std::string_view json);

}  // namespace devc::engine

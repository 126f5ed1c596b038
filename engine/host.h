#pragma once
#include <filesystem>
#include <string>

namespace devc::engine {

/// Where the engine keeps things and what it may do on this machine. The only place that knows about uid 0.
struct Host {
    std::filesystem::path stateDir;    ///< durable; DEVC_STATE_DIR, default /var/lib/devc
    std::filesystem::path runDir;      ///< until reboot; DEVC_RUN_DIR, default /run/devc
    std::filesystem::path helpersDir;  ///< folder of devc-monitor and devc-transfer: that of the running program

    /// From DEVC_STATE_DIR and DEVC_RUN_DIR, then the defaults. Creates both folders with mode 0700.
    static Host fromEnvironment();

    std::filesystem::path database() const { return stateDir / "devc.db"; }
    std::filesystem::path blobs() const { return stateDir / "blobs" / "sha256"; }
    std::filesystem::path layers() const { return stateDir / "layers"; }
    std::filesystem::path containerDir(const std::string& id) const { return stateDir / "containers" / id; }
    std::filesystem::path containerRunDir(const std::string& id) const { return runDir / "containers" / id; }
    std::filesystem::path networkRunDir(const std::string& id) const { return runDir / "networks" / id; }
    std::filesystem::path volumeDir(const std::string& name) const { return stateDir / "volumes" / name / "_data"; }
    std::filesystem::path monitorProgram() const { return helpersDir / "devc-monitor"; }
    std::filesystem::path transferProgram() const { return helpersDir / "devc-transfer"; }
    /// Eight hexadecimal digits that tell this state directory from others: part of names of kernel objects.
    std::string tag() const;
};

}  // namespace devc::engine

#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/container/host_things.h"
#include "engine/spec.h"

namespace devc::engine {

/// A program of the host that is run at a certain moment of a start, as runtime-spec config.md "POSIX-platform Hooks".
struct HookProgram {
    std::string kind;  ///< "createRuntime", "createContainer", ...
    std::string path;
    std::vector<std::string> arguments, environment;
    std::int64_t timeout = 0;  ///< seconds, 0: none
};

/// What devices bring into a container with them.
struct CdiEdits {
    std::vector<std::string> environment;
    std::vector<HostDevice> devices;
    std::vector<ResolvedMount> mounts;
    std::vector<std::string> groups;  ///< numbers
    std::vector<HookProgram> hooks;
};

/// Whether the text is a qualified name of the Container Device Interface: "vendor.com/class=name".
bool isCdiName(std::string_view text);

/// The machine's devices as the specifications in some folders describe them (CDI 1.0: *.json, *.yaml, *.yml).
class CdiDevices {
public:
    using Folders = std::vector<std::filesystem::path>;
    /// Those of later folders stand instead of those of earlier ones. A file that cannot be read makes nothing known, and is
    /// named when something is missing.
    explicit CdiDevices(const Folders& folders = {"/etc/cdi", "/var/run/cdi"});

    /// Qualified names that answer the request. Throws Error in docker's words if there are none, or not enough.
    std::vector<std::string> select(const DeviceRequest& request) const;
    /// Throws Error naming what is unknown.
    CdiEdits edits(const std::vector<std::string>& names) const;

private:
    struct Device {
        CdiEdits own, ofAll;  ///< `ofAll`: what every device of its file brings, once
        std::string file;
    };
    void read(const std::filesystem::path& file);
    std::vector<std::string> ofKind(const std::string& kind, const DeviceRequest& request) const;
    std::string hint() const;

    std::map<std::string, Device> devices_;  ///< by qualified name
    std::vector<std::string> unreadable_;
};

/// What the specification asks for by CDI name, by capability or vendor.
CdiEdits cdiEditsFor(const ContainerSpec& spec, const CdiDevices& devices);
/// Whether it asks for anything of the kind.
bool wantsCdi(const ContainerSpec& spec);

}  // namespace devc::engine

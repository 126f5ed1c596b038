#pragma once
#include <string>
#include <vector>

#include "engine/launch/launch.h"
#include "engine/linux/fd.h"
#include "engine/monitor/mount_options.h"
#include "engine/monitor/runtime_config.h"

namespace devc::engine {

/// Builds the container's file system from inside its new mount namespace. The steps are called in the order in which they
/// are declared. Whatever lies in the container's image or volumes is hostile: no path in it is resolved but within the
/// container's root, and what is mounted is mounted on a descriptor.
class Rootfs {
public:
    Rootfs(const MonitorPlan& plan, const RuntimeConfig& config, const std::vector<Cgroup::View>& cgroups)
        : plan_(plan), config_(config), cgroups_(cgroups) {}

    /// Takes copies of everything that comes from the host, while it can be seen.
    void openSources();
    /// Mounts the overlay of the plan; without one, the folder `bundleRoot` as it is.
    void mountRoot(const std::string& bundleRoot);
    void mountAll();
    /// Device nodes and links in /dev.
    void populateDev();
    /// The terminal of process 1: returns {master, slave}; the slave is also /dev/console.
    std::pair<Fd, Fd> openConsole();
    void applySysctls();
    /// Hides the masked paths and makes the read-only ones so.
    void protect();
    /// Makes the working directory if the image has none. Not an error if that is impossible: chdir will tell.
    void makeWorkingDir();
    void sealRoot();
    /// Leaves the host's mounts: from here "/" is the container's.
    void enter();

    int root() const { return root_.get(); }

private:
    struct Source {
        const RuntimeMount* mount = nullptr;
        MountOptions options;
        Fd tree;  ///< bind only
    };

    Fd openSource(const RuntimeMount&, const MountOptions&) const;
    void mount(Source&);
    void mountBind(Source&);
    void mountTmpfs(const Source&);
    void mountCgroups(const Source&);
    void mountFileSystem(const Source&);
    void attachFolder(Fd mount, const std::string& path);
    void makeNode(const RuntimeDevice&);
    void mask(const std::string& path);
    void makeReadOnly(const std::string& path);

    const MonitorPlan& plan_;
    const RuntimeConfig& config_;
    const std::vector<Cgroup::View>& cgroups_;
    std::vector<Source> sources_;
    std::vector<std::pair<std::string, Fd>> cgroupTrees_;
    Fd root_, proc_, dev_, pts_;
};

}  // namespace devc::engine

#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "engine/linux/fd.h"

namespace devc::engine {

/// A rule of the devices controller: type 'a', 'b', 'c'; -1: any number.
struct DeviceRule {
    bool allow = false;
    char type = 'a';
    std::int64_t major = -1, minor = -1;
    std::string access = "rwm";
};

/// A limit or weight for one block device.
struct BlockLimit {
    unsigned major = 0, minor = 0;
    std::uint64_t value = 0;
};

/// Limits of one container; nullopt or empty: not limited. As runtime-spec, config-linux.md "Control groups".
struct CgroupLimits {
    std::optional<std::int64_t> memory, memoryReservation, memorySwap;  ///< bytes; swap: memory and swap together; -1: none
    std::optional<std::uint64_t> swappiness;
    bool disableOomKiller = false;
    std::optional<std::uint64_t> cpuShares;                    ///< 2..262144
    std::optional<std::int64_t> cpuQuota;                      ///< microseconds a period; -1: no limit
    std::optional<std::uint64_t> cpuPeriod;                    ///< microseconds
    std::optional<std::int64_t> realtimeRuntime, realtimePeriod;
    std::string cpus, mems;                                    ///< "0-3,7"
    std::optional<std::int64_t> pids;
    std::optional<std::uint16_t> blkioWeight;                  ///< 10..1000
    std::vector<BlockLimit> blkioWeights;                      ///< for single devices
    std::vector<BlockLimit> readBps, writeBps;                 ///< bytes a second
    std::vector<BlockLimit> readIops, writeIops;               ///< operations a second
    std::vector<DeviceRule> devices;
};

/// What a cgroup has used.
struct CgroupUsage {
    std::uint64_t cpuNanoseconds = 0;
    std::uint64_t memory = 0;       ///< bytes without reclaimable page cache, as docker counts it
    std::uint64_t memoryLimit = 0;  ///< bytes; 0: none
    std::uint64_t pids = 0;
    std::uint64_t readBytes = 0, writtenBytes = 0;  ///< block devices
};

/// Where a controller is mounted, and which part of the hierarchy is seen there.
struct CgroupHierarchy {
    std::vector<std::string> controllers;  ///< v1; empty: cgroup v2
    std::string name;                      ///< v1 without controllers: "systemd"
    std::string mountPoint;
};

/// The control groups of one container: a folder below a "devc" node of its own in each hierarchy that is needed.
/// Nothing outside those nodes is changed, but for the controllers that cgroup v2 must be told to hand down.
class Cgroup {
public:
    virtual ~Cgroup() = default;

    /// Makes the groups and sets the limits. `path` is relative ("<id>", "parent/<id>") and lies below "devc", or absolute.
    /// A limit that the kernel refuses throws SystemError saying which; nothing is left then. Warnings (a limit that this
    /// host cannot set, as docker's) are added to `warnings`.
    static std::unique_ptr<Cgroup> create(const std::string& path, const CgroupLimits&, std::vector<std::string>& warnings);
    /// Those of a running process, wherever they are; with a name, the ones above them whose folder is called so, if there
    /// are: a container may have made groups below its own and gone there.
    static std::unique_ptr<Cgroup> of(pid_t process, std::string_view name = {});

    /// Notes at the groups whose they are: cgroup::ownerOf().
    virtual void mark(const std::string& owner) = 0;
    virtual void adopt(pid_t process) = 0;
    /// For clone3: the folder in which the first process may start (v2), or -1: it goes through the doors.
    virtual int folder() const = 0;
    /// What a process with one thread joins by, see enter(); opened before it is in a mount namespace in which they are not
    /// seen. Cheaper than adopt() with v1: nobody else is moved by it, so the kernel stops no other process meanwhile.
    virtual std::vector<Fd> doors() const = 0;
    /// Returns when every process is frozen or running again.
    virtual void freeze(bool frozen) = 0;
    virtual bool isFrozen() const = 0;
    virtual std::vector<pid_t> processes() const = 0;
    /// SIGKILL to every process, also while they fork.
    virtual void killAll() = 0;
    /// How many processes the kernel killed in it for want of memory.
    virtual std::uint64_t oomKills() const = 0;
    virtual CgroupUsage usage() const = 0;
    /// What the container sees below /sys/fs/cgroup: name ("memory"; "" for v2) and a folder: its group, but the whole
    /// hierarchy of v2 if it has no cgroup namespace of its own and so is told paths from the top.
    struct View {
        std::string name, folder;
    };
    virtual std::vector<View> views(bool ownNamespace) const = 0;
    /// Removes the groups with all their children, and "devc" if it was the last. Processes must have ended.
    virtual void remove() = 0;
};

/// The hierarchies of this machine as the calling process sees them.
std::vector<CgroupHierarchy> cgroupHierarchies();

/// A value for a file of a group.
struct CgroupSetting {
    std::string file, value;
    bool operator==(const CgroupSetting&) const = default;
};

namespace cgroup {
/// The hierarchy in which containers are limited by cgroup v2; none where v1 has the devices controller, which v2 does
/// without, or where v2 is not mounted. Others may have mounted v1 for purposes of their own (net_cls).
const CgroupHierarchy* unified(const std::vector<CgroupHierarchy>&);
/// Names of the controllers that containers can be limited by.
std::vector<std::string> controllers(const std::vector<CgroupHierarchy>&);
bool hasController(std::string_view name);  ///< this machine
/// The warning about a limit that there is no file for.
std::string cannotSet(const std::string& file);

/// What limits but those of devices come to on v2, converted as runc does. `has`: whether the group has a file; what cannot
/// be set is added to `warnings`. Pure.
std::vector<CgroupSetting> settingsOfV2(const CgroupLimits&, const std::function<bool(const char*)>& has, std::vector<std::string>& warnings);
/// What to write into cgroup.subtree_control ("+cpu") of a group with these cgroup.controllers. Pure.
std::vector<std::string> toHandDown(const std::string& available);

/// The calling process, of one thread, joins the groups.
void enter(const std::vector<Fd>& doors);
/// Writes a value into a file of a group; throws SystemError "set FILE to VALUE".
void set(const std::string& folder, const char* file, const std::string& value);
std::string get(const std::string& folder, const char* file);  ///< empty if it cannot be read
std::uint64_t number(const std::string& text);                 ///< 0 for "max" and nonsense
/// The value in lines of "key value".
std::uint64_t field(const std::string& text, std::string_view key);
std::vector<pid_t> processesIn(const std::string& folder);
/// What mark() noted; empty if nothing did, or the kernel keeps no notes.
std::string ownerOf(const std::string& folder);
void mark(const std::string& folder, const std::string& owner);
/// mkdir -p, again if another removed an empty parent meanwhile.
void make(const std::string& mountPoint, const std::string& path);
/// `work` on the group, which goes meanwhile if its last process ends by itself: its monitor removes it then.
void whileThere(const std::string& folder, const std::function<void()>& work);
/// rmdir of the tree; waits for the kernel to let go of ended processes. Then its parents up to "devc", while empty.
void removeTree(const std::string& mountPoint, const std::string& path);
/// The lines of /proc/<pid>/cgroup, each only up to the folder of that name where it lies in one. Pure.
std::string upTo(std::string_view name, const std::string& membership);
/// "<id>" -> "/devc/<id>"; absolute paths are kept. ".." is refused.
std::string normalize(const std::string& path);

std::unique_ptr<Cgroup> createV1(const std::vector<CgroupHierarchy>&, const std::string& path, const CgroupLimits&, std::vector<std::string>& warnings);
std::unique_ptr<Cgroup> openV1(const std::vector<CgroupHierarchy>&, const std::string& membership);
std::unique_ptr<Cgroup> createV2(const CgroupHierarchy&, const std::string& path, const CgroupLimits&, std::vector<std::string>& warnings);
std::unique_ptr<Cgroup> openV2(const CgroupHierarchy&, const std::string& path);
}  // namespace cgroup

}  // namespace devc::engine

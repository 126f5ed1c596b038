#include <cerrno>
#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/linux/cgroup.h"
#include "engine/linux/device_filter.h"
#include "engine/linux/process.h"

namespace devc::engine::cgroup {

namespace {

class CgroupV2 : public Cgroup {
public:
    CgroupV2(std::string mountPoint, std::string path)
        : mountPoint_(std::move(mountPoint)), path_(std::move(path)), folder_(mountPoint_ + path_),
          descriptor_(openFile(folder_, O_PATH | O_DIRECTORY)) {}

    void adopt(pid_t process) override { set(folder_, "cgroup.procs", std::to_string(process)); }
    int folder() const override { return descriptor_.get(); }

    std::vector<Fd> doors() const override {
        std::vector<Fd> doors;
        doors.push_back(openFile(folder_ + "/cgroup.procs", O_WRONLY));
        return doors;
    }

    void freeze(bool frozen) override {
        Fd changes(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
        ::inotify_add_watch(changes.get(), (folder_ + "/cgroup.events").c_str(), IN_MODIFY);
        set(folder_, "cgroup.freeze", frozen ? "1" : "0");
        while (isFrozen() != frozen) {
            char events[512];
            if (!waitReadable(changes.get(), 10'000)) throw Error::of("the processes do not {}", frozen ? "stop" : "go on");
            while (::read(changes.get(), events, sizeof events) > 0) {}
        }
    }

    bool isFrozen() const override { return field(get(folder_, "cgroup.events"), "frozen") == 1; }
    std::vector<pid_t> processes() const override { return processesIn(folder_); }
    void killAll() override { set(folder_, "cgroup.kill", "1"); }
    std::uint64_t oomKills() const override { return field(get(folder_, "memory.events"), "oom_kill"); }

    CgroupUsage usage() const override {
        CgroupUsage usage;
        usage.cpuNanoseconds = field(get(folder_, "cpu.stat"), "usage_usec") * 1000;
        std::uint64_t total = number(get(folder_, "memory.current")), inactive = field(get(folder_, "memory.stat"), "inactive_file");
        usage.memory = total > inactive ? total - inactive : 0;
        usage.memoryLimit = number(get(folder_, "memory.max"));
        usage.pids = number(get(folder_, "pids.current"));
        // "8:0 rbytes=1 wbytes=2 rios=..."
        std::string blocks = get(folder_, "io.stat");
        for (size_t at = 0; (at = blocks.find("bytes=", at)) != std::string::npos; at += 6) {
            if (at == 0) continue;
            (blocks[at - 1] == 'r' ? usage.readBytes : usage.writtenBytes) += blocks[at - 1] == 'r' || blocks[at - 1] == 'w' ? number(blocks.substr(at + 6, 24)) : 0;
        }
        return usage;
    }

    std::vector<View> views() const override { return {{"", folder_}}; }
    void remove() override { removeTree(mountPoint_, path_); }

    template <typename T>
    void limit(const char* file, const std::optional<T>& value) {
        if (value) set(folder_, file, *value < T{0} ? std::string("max") : std::to_string(*value));
    }

    void apply(const CgroupLimits& limits, std::vector<std::string>& warnings) {
        limit("memory.max", limits.memory);
        limit("memory.low", limits.memoryReservation);
        // v2 counts swap apart, the OCI configuration memory and swap together.
        if (limits.memorySwap && limits.memory) {
            std::int64_t swap = *limits.memorySwap < 0 ? -1 : *limits.memorySwap - *limits.memory;
            if (::access((folder_ + "/memory.swap.max").c_str(), F_OK) == 0) set(folder_, "memory.swap.max", swap < 0 ? "max" : std::to_string(swap));
        }
        if (limits.swappiness) warnings.push_back("cgroup v2 has no swappiness: the limit is ignored");
        if (limits.disableOomKiller) warnings.push_back("cgroup v2 cannot turn off the OOM killer: the setting is ignored");
        // The weight that systemd and runc map 1024 shares to: 2..262144 -> 1..10000.
        if (limits.cpuShares && *limits.cpuShares >= 2) set(folder_, "cpu.weight", std::to_string(1 + (*limits.cpuShares - 2) * 9999 / 262142));
        if (limits.cpuQuota || limits.cpuPeriod) {
            std::string quota = limits.cpuQuota && *limits.cpuQuota > 0 ? std::to_string(*limits.cpuQuota) : "max";
            set(folder_, "cpu.max", quota + " " + std::to_string(limits.cpuPeriod.value_or(100'000)));
        }
        if (!limits.cpus.empty()) set(folder_, "cpuset.cpus", limits.cpus);
        if (!limits.mems.empty()) set(folder_, "cpuset.mems", limits.mems);
        limit("pids.max", limits.pids);
        applyBlockLimits(limits, warnings);
        if (!limits.devices.empty()) attachDeviceFilter(deviceFilter(devicePolicy(limits.devices)), descriptor_.get());
    }

    void applyBlockLimits(const CgroupLimits& limits, std::vector<std::string>& warnings) {
        // BFQ counts as v1 did, the cost model from 1 to 10000.
        const bool bfq = ::access((folder_ + "/io.bfq.weight").c_str(), F_OK) == 0;
        const char* file = bfq ? "io.bfq.weight" : "io.weight";
        const auto scaled = [&](std::uint64_t weight) { return bfq || weight < 10 ? weight : 1 + (weight - 10) * 9999 / 990; };
        if (limits.blkioWeight && *limits.blkioWeight >= 10) setIfThere(file, fmt::format("default {}", scaled(*limits.blkioWeight)), warnings);
        for (const BlockLimit& each : limits.blkioWeights) setIfThere(file, fmt::format("{}:{} {}", each.major, each.minor, scaled(each.value)), warnings);
        const auto most = [&](const char* key, const std::vector<BlockLimit>& devices) {
            for (const BlockLimit& each : devices) setIfThere("io.max", fmt::format("{}:{} {}={}", each.major, each.minor, key, each.value), warnings);
        };
        most("rbps", limits.readBps);
        most("wbps", limits.writeBps);
        most("riops", limits.readIops);
        most("wiops", limits.writeIops);
    }

    void setIfThere(const char* file, const std::string& value, std::vector<std::string>& warnings) {
        if (::access((folder_ + "/" + file).c_str(), F_OK) == 0) set(folder_, file, value);
        else warnings.push_back(fmt::format("this machine cannot set {}: the limit is ignored", file));
    }

private:
    std::string mountPoint_, path_, folder_;
    Fd descriptor_;
};

/// Controllers reach a group only where all above it hand them down. One that the host lacks is left out.
void handDown(const std::string& mountPoint, const std::string& path) {
    for (size_t slash = 0; slash != std::string::npos; slash = path.find('/', slash + 1)) {
        std::string folder = mountPoint + path.substr(0, slash);
        std::string available = get(folder, "cgroup.controllers"), active = get(folder, "cgroup.subtree_control");
        for (const char* controller : {"cpu", "memory", "pids", "io", "cpuset"}) {
            if (available.find(controller) == std::string::npos || active.find(controller) != std::string::npos) continue;
            try {
                set(folder, "cgroup.subtree_control", std::string("+") + controller);
            } catch (const SystemError&) {
                // A group with processes of its own cannot; the limit itself will say what is missing.
            }
        }
    }
}

}  // namespace

std::unique_ptr<Cgroup> createV2(const CgroupHierarchy& hierarchy, const std::string& path, const CgroupLimits& limits,
                                 std::vector<std::string>& warnings) {
    make(hierarchy.mountPoint, path);
    try {
        handDown(hierarchy.mountPoint, path);
        auto group = std::make_unique<CgroupV2>(hierarchy.mountPoint, path);
        group->apply(limits, warnings);
        return group;
    } catch (...) {
        removeTree(hierarchy.mountPoint, path);
        throw;
    }
}

std::unique_ptr<Cgroup> openV2(const CgroupHierarchy& hierarchy, const std::string& path) {
    return std::make_unique<CgroupV2>(hierarchy.mountPoint, path);
}

}  // namespace devc::engine::cgroup

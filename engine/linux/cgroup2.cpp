#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <functional>
#include <sys/inotify.h>
#include <unistd.h>

#include <fmt/format.h>

#include "engine/error.h"
#include "engine/linux/cgroup.h"
#include "engine/linux/device_filter.h"
#include "engine/linux/process.h"

namespace devc::engine::cgroup {

namespace {

constexpr int patienceMilliseconds = 10'000;

class CgroupV2 : public Cgroup {
public:
    CgroupV2(std::string mountPoint, std::string path)
        : mountPoint_(std::move(mountPoint)), path_(std::move(path)), folder_(mountPoint_ + path_),
          descriptor_(openFile(folder_, O_PATH | O_DIRECTORY)) {}

    void mark(const std::string& owner) override { cgroup::mark(folder_, owner); }
    void adopt(pid_t process) override { set(folder_, "cgroup.procs", std::to_string(process)); }
    int folder() const override { return descriptor_.get(); }

    std::vector<Fd> doors() const override {
        std::vector<Fd> doors;
        doors.push_back(openFile(folder_ + "/cgroup.procs", O_WRONLY));
        return doors;
    }

    void freeze(bool frozen) override {
        set(folder_, "cgroup.freeze", frozen ? "1" : "0");
        if (!awaitEvent("frozen", frozen)) throw Error::of("the processes do not {}", frozen ? "stop" : "go on");
    }

    bool isFrozen() const override { return field(get(folder_, "cgroup.events"), "frozen") == 1; }
    std::vector<pid_t> processes() const override { return processesIn(folder_); }
    void killAll() override {
        whileThere(folder_, [&] { set(folder_, "cgroup.kill", "1"); });
    }
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

    std::vector<View> views(bool ownNamespace) const override { return {{"", ownNamespace ? folder_ : mountPoint_}}; }

    void remove() override {
        // Killed processes leave a moment after they were killed.
        awaitEvent("populated", false);
        removeTree(mountPoint_, path_);
    }

    void apply(const CgroupLimits& limits, std::vector<std::string>& warnings) {
        const auto has = [this](const char* file) { return ::access((folder_ + "/" + file).c_str(), F_OK) == 0; };
        for (const CgroupSetting& setting : settingsOfV2(limits, has, warnings)) {
            try {
                set(folder_, setting.file.c_str(), setting.value);
            } catch (const SystemError& error) {
                // A weight for one disk, whose scheduler has none.
                if (error.code() != EOPNOTSUPP) throw;
                warnings.push_back(cannotSet(setting.file + " to " + setting.value));
            }
        }
        if (!limits.devices.empty()) attachDeviceFilter(deviceFilter(devicePolicy(limits.devices)), descriptor_.get());
    }

private:
    /// Until a line of cgroup.events says so, of which the kernel tells; false if that takes too long.
    bool awaitEvent(std::string_view key, bool value) const {
        const auto holds = [&] { return (field(get(folder_, "cgroup.events"), key) == 1) == value; };
        if (holds()) return true;  // making and closing a watch costs milliseconds
        Fd changes(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
        ::inotify_add_watch(changes.get(), (folder_ + "/cgroup.events").c_str(), IN_MODIFY);
        while (!holds()) {
            char events[512];
            if (!waitReadable(changes.get(), patienceMilliseconds)) return false;
            while (::read(changes.get(), events, sizeof events) > 0) {}
        }
        return true;
    }

    std::string mountPoint_, path_, folder_;
    Fd descriptor_;
};

/// Controllers reach a group only where all above it hand them down. One that the host lacks is left out.
void handDown(const std::string& mountPoint, const std::string& path) {
    for (size_t slash = 0; slash != std::string::npos; slash = path.find('/', slash + 1)) {
        const std::string folder = mountPoint + path.substr(0, slash);
        // Those that are active too: while somebody else hands them down the kernel says so already, but the files are not there
        // yet; a write that changes nothing waits for that.
        const std::vector<std::string> wanted = toHandDown(get(folder, "cgroup.controllers"));
        if (wanted.empty()) continue;
        try {
            // At once: the kernel stops all forks for each write that changes something.
            set(folder, "cgroup.subtree_control", fmt::format("{}", fmt::join(wanted, " ")));
        } catch (const SystemError&) {
            for (const std::string& controller : wanted) {
                try {
                    set(folder, "cgroup.subtree_control", controller);
                } catch (const SystemError&) {
                    // A group with processes of its own cannot; the limit itself will say what is missing.
                }
            }
        }
    }
}

/// Names the settings one after another, and those that the machine has no file for.
class Settings {
public:
    Settings(const std::function<bool(const char*)>& has, std::vector<std::string>& warnings) : has_(has), warnings_(warnings) {}

    bool has(const char* file) const { return has_(file); }
    void set(const char* file, std::string value) {
        if (has_(file)) all_.push_back({file, std::move(value)});
        else warnings_.push_back(cannotSet(file));
    }
    void set(const char* file, std::optional<std::int64_t> value) {
        if (value) set(file, *value < 0 ? std::string("max") : std::to_string(*value));
    }
    void setEach(const char* key, const std::vector<BlockLimit>& devices) {
        for (const BlockLimit& each : devices) set("io.max", fmt::format("{}:{} {}={}", each.major, each.minor, key, each.value));
    }
    std::vector<CgroupSetting> take() { return std::move(all_); }

private:
    const std::function<bool(const char*)>& has_;
    std::vector<std::string>& warnings_;
    std::vector<CgroupSetting> all_;
};

void limitMemory(const CgroupLimits& limits, Settings& settings) {
    settings.set("memory.max", limits.memory);
    settings.set("memory.low", limits.memoryReservation);
    // v2 counts swap apart, the OCI configuration memory and swap together. Without swap in the kernel there is nothing to limit.
    if (!limits.memorySwap || !settings.has("memory.swap.max")) return;
    if (*limits.memorySwap < 0) settings.set("memory.swap.max", std::string("max"));
    else if (limits.memory) settings.set("memory.swap.max", std::to_string(*limits.memorySwap - *limits.memory));
}

void limitProcessors(const CgroupLimits& limits, Settings& settings) {
    constexpr std::uint64_t fewest = 2, most = 262144;  // shares of v1
    if (limits.cpuShares && *limits.cpuShares > 0)
        settings.set("cpu.weight", std::to_string(1 + (std::clamp(*limits.cpuShares, fewest, most) - fewest) * 9999 / (most - fewest)));
    if (limits.cpuQuota || limits.cpuPeriod) {
        const std::string quota = limits.cpuQuota && *limits.cpuQuota > 0 ? std::to_string(*limits.cpuQuota) : "max";
        settings.set("cpu.max", quota + " " + std::to_string(limits.cpuPeriod.value_or(100'000)));
    }
    if (!limits.cpus.empty()) settings.set("cpuset.cpus", limits.cpus);
    if (!limits.mems.empty()) settings.set("cpuset.mems", limits.mems);
}

void limitBlocks(const CgroupLimits& limits, Settings& settings) {
    // BFQ counts as v1 did, the cost model from 1 to 10000.
    const bool bfq = settings.has("io.bfq.weight");
    const char* file = bfq ? "io.bfq.weight" : "io.weight";
    const auto scaled = [&](std::uint64_t weight) { return bfq || weight < 10 ? weight : 1 + (weight - 10) * 9999 / 990; };
    if (limits.blkioWeight && *limits.blkioWeight >= 10) settings.set(file, fmt::format("default {}", scaled(*limits.blkioWeight)));
    for (const BlockLimit& each : limits.blkioWeights) settings.set(file, fmt::format("{}:{} {}", each.major, each.minor, scaled(each.value)));
    settings.setEach("rbps", limits.readBps);
    settings.setEach("wbps", limits.writeBps);
    settings.setEach("riops", limits.readIops);
    settings.setEach("wiops", limits.writeIops);
}

}  // namespace

std::vector<CgroupSetting> settingsOfV2(const CgroupLimits& limits, const std::function<bool(const char*)>& has, std::vector<std::string>& warnings) {
    Settings settings(has, warnings);
    limitMemory(limits, settings);
    if (limits.swappiness) warnings.push_back("cgroup v2 has no swappiness: the limit is ignored");
    if (limits.disableOomKiller) warnings.push_back("cgroup v2 cannot turn off the OOM killer: the setting is ignored");
    limitProcessors(limits, settings);
    if (limits.realtimeRuntime || limits.realtimePeriod) warnings.push_back("cgroup v2 has no limits for real-time scheduling: they are ignored");
    settings.set("pids.max", limits.pids);
    limitBlocks(limits, settings);
    return settings.take();
}

std::vector<std::string> toHandDown(const std::string& available) {
    const std::string words = " " + available.substr(0, available.find('\n')) + " ";
    std::vector<std::string> wanted;
    for (std::string_view controller : {"cpu", "memory", "pids", "io", "cpuset"})
        if (words.find(fmt::format(" {} ", controller)) != std::string::npos) wanted.push_back("+" + std::string(controller));
    return wanted;
}

std::unique_ptr<Cgroup> createV2(const CgroupHierarchy& hierarchy, const std::string& path, const CgroupLimits& limits,
                                 std::vector<std::string>& warnings) {
    const bool existed = ::access((hierarchy.mountPoint + path).c_str(), F_OK) == 0;
    make(hierarchy.mountPoint, path);
    try {
        handDown(hierarchy.mountPoint, path);
        auto group = std::make_unique<CgroupV2>(hierarchy.mountPoint, path);
        group->apply(limits, warnings);
        return group;
    } catch (...) {
        if (!existed) removeTree(hierarchy.mountPoint, path);  // else a container lives in it
        throw;
    }
}

std::unique_ptr<Cgroup> openV2(const CgroupHierarchy& hierarchy, const std::string& path) {
    return std::make_unique<CgroupV2>(hierarchy.mountPoint, path);
}

}  // namespace devc::engine::cgroup

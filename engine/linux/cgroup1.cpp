#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <map>
#include <unistd.h>

#include "engine/error.h"
#include "engine/linux/cgroup.h"

namespace devc::engine::cgroup {

namespace {

/// Where the container always has a group of its own; others only if something is limited there.
constexpr std::string_view always[] = {"memory", "devices", "freezer", "pids", "cpuacct"};

class CgroupV1 : public Cgroup {
public:
    struct Node {
        std::string mountPoint, path;
        std::string folder() const { return mountPoint + path; }
        bool operator==(const Node&) const = default;
    };

    void add(const std::string& controller, Node node) {
        if (std::find(nodes_.begin(), nodes_.end(), node) == nodes_.end()) nodes_.push_back(node);
        byController_[controller] = std::move(node);
    }

    /// Empty if the container has no group with that controller.
    std::string folderOf(const std::string& controller) const {
        auto found = byController_.find(controller);
        return found == byController_.end() ? "" : found->second.folder();
    }

    void mark(const std::string& owner) override {
        for (const Node& node : nodes_) cgroup::mark(node.folder(), owner);
    }

    void adopt(pid_t process) override {
        for (const Node& node : nodes_) set(node.folder(), "cgroup.procs", std::to_string(process));
    }

    int folder() const override { return -1; }

    std::vector<Fd> doors() const override {
        std::vector<Fd> doors;
        for (const Node& node : nodes_) doors.push_back(openFile(node.folder() + "/tasks", O_WRONLY));
        return doors;
    }

    void freeze(bool frozen) override {
        std::string group = folderOf("freezer");
        if (group.empty()) throw Error::of("this machine has no freezer control group");
        std::string wanted = frozen ? "FROZEN" : "THAWED";
        set(group, "freezer.state", wanted);
        // FREEZING until every process has reached a point where it can stop; writing again lets the kernel retry.
        for (int attempt = 0; frozen && !get(group, "freezer.state").starts_with(wanted) && attempt < 2000; ++attempt) {
            ::usleep(1000);
            set(group, "freezer.state", wanted);
        }
    }

    bool isFrozen() const override { return !get(folderOf("freezer"), "freezer.state").starts_with("THAWED"); }

    std::vector<pid_t> processes() const override { return nodes_.empty() ? std::vector<pid_t>() : processesIn(nodes_.front().folder()); }

    void killAll() override {
        // Frozen processes cannot fork away from under the list.
        const std::string freezer = folderOf("freezer");
        whileThere(freezer, [&] {
            for (int attempt = 0; attempt < 100 && !processesIn(freezer).empty(); ++attempt) {
                freeze(true);
                for (pid_t process : processesIn(freezer)) ::kill(process, SIGKILL);
                freeze(false);
                ::usleep(500);
            }
        });
    }

    std::uint64_t oomKills() const override { return field(get(folderOf("memory"), "memory.oom_control"), "oom_kill"); }

    CgroupUsage usage() const override {
        CgroupUsage usage;
        usage.cpuNanoseconds = number(get(folderOf("cpuacct"), "cpuacct.usage"));
        std::string memory = folderOf("memory");
        std::uint64_t total = number(get(memory, "memory.usage_in_bytes"));
        std::uint64_t inactive = field(get(memory, "memory.stat"), "total_inactive_file");
        usage.memory = total > inactive ? total - inactive : 0;
        std::uint64_t limit = number(get(memory, "memory.limit_in_bytes"));
        usage.memoryLimit = limit >= (std::uint64_t{1} << 62) ? 0 : limit;
        usage.pids = number(get(folderOf("pids"), "pids.current"));
        std::string blocks = folderOf("blkio").empty() ? "" : get(folderOf("blkio"), "blkio.throttle.io_service_bytes");
        for (size_t at = 0; at < blocks.size();) {
            size_t end = blocks.find('\n', at);
            if (end == std::string::npos) end = blocks.size();
            std::string line = blocks.substr(at, end - at);
            at = end + 1;
            if (size_t word = line.find(" Read "); word != std::string::npos) usage.readBytes += number(line.substr(word + 6));
            if (size_t word = line.find(" Write "); word != std::string::npos) usage.writtenBytes += number(line.substr(word + 7));
        }
        return usage;
    }

    std::vector<View> views(bool) const override {
        std::vector<View> views;
        for (const Node& node : nodes_) views.push_back({node.mountPoint.substr(node.mountPoint.rfind('/') + 1), node.folder()});
        return views;
    }

    void remove() override {
        for (const Node& node : nodes_) removeTree(node.mountPoint, node.path);
    }

private:
    std::vector<Node> nodes_;
    std::map<std::string, Node> byController_;
};

bool isNeeded(const std::string& controller, const CgroupLimits& limits) {
    if (std::find(std::begin(always), std::end(always), controller) != std::end(always)) return true;
    if (controller == "cpu") return limits.cpuShares || limits.cpuQuota || limits.cpuPeriod || limits.realtimeRuntime || limits.realtimePeriod;
    if (controller == "cpuset") return !limits.cpus.empty() || !limits.mems.empty();
    if (controller == "blkio") return true;
    return false;
}

class Setter {
public:
    Setter(const CgroupV1& group, std::vector<std::string>& warnings) : group_(group), warnings_(warnings) {}

    template <typename T>
    void set(const char* controller, const char* file, const std::optional<T>& value) {
        if (value) set(controller, file, std::to_string(*value));
    }

    void set(const char* controller, const char* file, const std::string& value) {
        std::string folder = group_.folderOf(controller);
        if (folder.empty() || ::access((folder + "/" + file).c_str(), F_OK) != 0) {
            warnings_.push_back(cannotSet(file));
            return;
        }
        cgroup::set(folder, file, value);
    }

    void setEach(const char* file, const std::vector<BlockLimit>& limits) {
        for (const BlockLimit& limit : limits) set("blkio", file, fmt::format("{}:{} {}", limit.major, limit.minor, limit.value));
    }

    bool has(const char* controller, const char* file) const {
        std::string folder = group_.folderOf(controller);
        return !folder.empty() && ::access((folder + "/" + file).c_str(), F_OK) == 0;
    }

private:
    const CgroupV1& group_;
    std::vector<std::string>& warnings_;
};

/// A group of cpuset has no CPUs nor memory nodes until it is told: those of its parents, from the top.
void inheritCpuset(const std::string& mountPoint, const std::string& path) {
    for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
        std::string folder = mountPoint + path.substr(0, slash), parent = folder.substr(0, folder.rfind('/'));
        for (const char* file : {"cpuset.cpus", "cpuset.mems"}) {
            if (get(folder, file).size() <= 1) cgroup::set(folder, file, get(parent, file));
        }
        if (slash == std::string::npos) return;
    }
}

std::string textOf(const DeviceRule& rule) {
    auto number = [](std::int64_t value) { return value < 0 ? std::string("*") : std::to_string(value); };
    if (rule.type == 'a') return "a";
    return fmt::format("{} {}:{} {}", rule.type, number(rule.major), number(rule.minor), rule.access);
}

void apply(const CgroupV1& group, const CgroupLimits& limits, std::vector<std::string>& warnings) {
    Setter setter(group, warnings);
    for (const DeviceRule& rule : limits.devices) {
        setter.set("devices", rule.allow ? "devices.allow" : "devices.deny", textOf(rule));
    }
    // Memory may never be more than memory and swap: which of the two comes first depends on where they stand.
    const bool hasSwap = limits.memorySwap && *limits.memorySwap > 0;
    const std::string memory = group.folderOf("memory");
    const bool swapFirst = hasSwap && limits.memory && static_cast<std::uint64_t>(*limits.memory) > number(get(memory, "memory.memsw.limit_in_bytes"));
    if (swapFirst) setter.set("memory", "memory.memsw.limit_in_bytes", limits.memorySwap);
    setter.set("memory", "memory.limit_in_bytes", limits.memory);
    setter.set("memory", "memory.soft_limit_in_bytes", limits.memoryReservation);
    if (hasSwap && !swapFirst) setter.set("memory", "memory.memsw.limit_in_bytes", limits.memorySwap);
    setter.set("memory", "memory.swappiness", limits.swappiness);
    if (limits.disableOomKiller) setter.set("memory", "memory.oom_control", std::string("1"));
    setter.set("cpu", "cpu.shares", limits.cpuShares);
    setter.set("cpu", "cpu.cfs_period_us", limits.cpuPeriod);
    setter.set("cpu", "cpu.cfs_quota_us", limits.cpuQuota);
    setter.set("cpu", "cpu.rt_period_us", limits.realtimePeriod);
    setter.set("cpu", "cpu.rt_runtime_us", limits.realtimeRuntime);
    if (!limits.cpus.empty()) setter.set("cpuset", "cpuset.cpus", limits.cpus);
    if (!limits.mems.empty()) setter.set("cpuset", "cpuset.mems", limits.mems);
    if (limits.pids) setter.set("pids", "pids.max", *limits.pids < 0 ? std::string("max") : std::to_string(*limits.pids));
    // Kernels since 5.0 have weights where the scheduler BFQ is, under its name.
    const bool bfq = setter.has("blkio", "blkio.bfq.weight");
    setter.set("blkio", bfq ? "blkio.bfq.weight" : "blkio.weight", limits.blkioWeight);
    setter.setEach(bfq ? "blkio.bfq.weight_device" : "blkio.weight_device", limits.blkioWeights);
    setter.setEach("blkio.throttle.read_bps_device", limits.readBps);
    setter.setEach("blkio.throttle.write_bps_device", limits.writeBps);
    setter.setEach("blkio.throttle.read_iops_device", limits.readIops);
    setter.setEach("blkio.throttle.write_iops_device", limits.writeIops);
}

}  // namespace

std::unique_ptr<Cgroup> createV1(const std::vector<CgroupHierarchy>& hierarchies, const std::string& path,
                                 const CgroupLimits& limits, std::vector<std::string>& warnings) {
    if (hierarchies.empty()) throw Error::of("no control groups are mounted on this machine").hint("mount -t cgroup2 none /sys/fs/cgroup");
    const std::vector<std::string> present = controllers(hierarchies);
    // Nothing else keeps a container from the machine's devices.
    if (std::find(present.begin(), present.end(), "devices") == present.end())
        throw Error::of("control groups of version 1 are mounted without the controller devices")
            .hint("mount -t cgroup -o devices none /sys/fs/cgroup/devices, or cgroup2 alone at /sys/fs/cgroup");
    auto group = std::make_unique<CgroupV1>();
    try {
        for (const CgroupHierarchy& hierarchy : hierarchies) {
            for (const std::string& controller : hierarchy.controllers) {
                if (!isNeeded(controller, limits)) continue;
                make(hierarchy.mountPoint, path);
                group->add(controller, {hierarchy.mountPoint, path});
                if (controller == "cpuset") inheritCpuset(hierarchy.mountPoint, path);
            }
        }
        apply(*group, limits, warnings);
    } catch (...) {
        group->remove();
        throw;
    }
    return group;
}

std::unique_ptr<Cgroup> openV1(const std::vector<CgroupHierarchy>& hierarchies, const std::string& membership) {
    auto group = std::make_unique<CgroupV1>();
    for (const CgroupHierarchy& hierarchy : hierarchies) {
        for (const std::string& controller : hierarchy.controllers) {
            // "4:memory:/devc/<id>" or "3:cpu,cpuacct:/devc/<id>"
            for (size_t at = 0; at < membership.size();) {
                size_t end = std::min(membership.find('\n', at), membership.size());
                std::string line = membership.substr(at, end - at);
                at = end + 1;
                size_t first = line.find(':'), second = line.find(':', first + 1);
                if (second == std::string::npos) continue;
                std::string names = "," + line.substr(first + 1, second - first - 1) + ",";
                std::string path = line.substr(second + 1);
                if (names.find("," + controller + ",") != std::string::npos && path != "/") group->add(controller, {hierarchy.mountPoint, path});
            }
        }
    }
    return group;
}

}  // namespace devc::engine::cgroup

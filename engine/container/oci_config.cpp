#include "engine/container/oci_config.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <nlohmann/json.hpp>

#include "engine/container/box.h"
#include "engine/error.h"

namespace devc::engine {

using nlohmann::json;

namespace {

/// Far above what programs need, far below what a machine has: a fork bomb stays in its box.
constexpr std::int64_t defaultPidsLimit = 16384;
constexpr std::int64_t cpuPeriodMicroseconds = 100'000;

bool hasSecurityOption(const ContainerSpec& spec, std::string_view name) {
    return std::any_of(spec.securityOptions.begin(), spec.securityOptions.end(), [&](const std::string& option) {
        std::string_view text = option;
        if (!text.starts_with(name)) return false;
        text.remove_prefix(name.size());
        return text.empty() || text == "=true" || text == ":true";
    });
}

bool hasOpenSystemPaths(const ContainerSpec& spec) {
    return hasSecurityOption(spec, "systempaths=unconfined") || hasSecurityOption(spec, "systempaths:unconfined");
}

json rlimits(const ContainerSpec& spec) {
    json out = json::array();
    for (const auto& [name, limit] : spec.ulimits) {
        std::string type = "RLIMIT_" + name;
        std::transform(type.begin(), type.end(), type.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        // -1 becomes RLIM_INFINITY, which is the largest number of the kernel's unsigned type.
        out.push_back({{"type", type}, {"soft", static_cast<std::uint64_t>(limit.soft)}, {"hard", static_cast<std::uint64_t>(limit.hard)}});
    }
    return out;
}

std::vector<std::string> wholeEnvironment(const ContainerSpec& spec, const OciInput& input) {
    if (input.deviceEnvironment.empty()) return environmentOf(spec, input.image, input.hostname);
    ContainerSpec with = spec;
    with.environment.insert(with.environment.end(), input.deviceEnvironment.begin(), input.deviceEnvironment.end());
    return environmentOf(with, input.image, input.hostname);
}

json process(const ContainerSpec& spec, const OciInput& input) {
    std::set<std::string> capabilities = capabilitiesOf(spec, input.availableCapabilities);
    std::string workingDir = !spec.workingDir.empty() ? spec.workingDir : input.image.workingDir;
    json out = {
        {"terminal", spec.tty},
        {"user", {{"uid", 0}, {"gid", 0}}},  // the plan's user is looked up in the container at its start
        {"args", input.arguments},
        {"env", wholeEnvironment(spec, input)},
        {"cwd", workingDir.empty() ? "/" : workingDir},
        {"capabilities", {{"bounding", capabilities}, {"effective", capabilities}, {"permitted", capabilities}}},
        {"rlimits", rlimits(spec)},
        {"noNewPrivileges", hasSecurityOption(spec, "no-new-privileges")},
    };
    if (spec.resources.oomScoreAdj) out["oomScoreAdj"] = spec.resources.oomScoreAdj;
    return out;
}

size_t depthOf(const std::string& target) { return static_cast<size_t>(std::count(target.begin(), target.end(), '/')); }

bool isBelow(const std::string& path, const std::string& folder) {
    return path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

json mounts(const ContainerSpec& spec, const OciInput& input) {
    json out = json::array();
    bool noShm = spec.ipcMode == "none";
    for (json& standard : defaultMounts(spec.privileged, spec.shmSize)) {
        std::string target = standard["destination"];
        if (noShm && target == "/dev/shm") continue;
        // One asked for in the same place stands instead; with an own /dev come its own pts and shm.
        bool replaced = std::any_of(input.mounts.begin(), input.mounts.end(), [&](const ResolvedMount& mount) {
            return mount.target == target || (mount.target == "/dev" && isBelow(target, "/dev"));
        });
        if (!replaced) out.push_back(std::move(standard));
    }
    std::vector<ResolvedMount> sorted = input.mounts;
    auto shallower = [](const ResolvedMount& a, const ResolvedMount& b) { return depthOf(a.target) < depthOf(b.target); };
    std::stable_sort(sorted.begin(), sorted.end(), shallower);
    for (const ResolvedMount& mount : sorted) {
        out.push_back({{"destination", mount.target}, {"type", mount.type}, {"source", mount.source}, {"options", mount.options}});
    }
    return out;
}

json namespaces(const ContainerSpec& spec, const OciInput& input) {
    json out = json::array({{{"type", "mount"}}});
    auto add = [&](const char* type, const std::string& mode) {
        if (mode == "host") return;
        json entry = {{"type", type}};
        auto joined = input.joined.find(type);
        if (joined != input.joined.end()) entry["path"] = joined->second;
        out.push_back(std::move(entry));
    };
    add("network", spec.networkMode);
    add("pid", spec.pidMode);
    add("ipc", spec.ipcMode);
    add("uts", spec.utsMode);
    add("cgroup", spec.cgroupMode);
    return out;
}

json deviceRules(const ContainerSpec& spec, const OciInput& input) {
    if (spec.privileged) return json::array({{{"allow", true}, {"access", "rwm"}}});
    json rules = defaultDeviceRules();
    for (const HostDevice& device : input.devices) {
        rules.push_back({{"allow", true}, {"type", std::string(1, device.type)}, {"major", device.major}, {"minor", device.minor},
                         {"access", device.permissions}});
    }
    for (const std::string& text : spec.resources.deviceCgroupRules) {
        // "c 1:3 rwm", "b *:* r", "a *:* rwm"
        auto fail = [&] { throw Error::of("invalid device cgroup rule \"{}\"", text).hint("write it as \"c 1:3 rwm\""); };
        size_t colon = text.find(':'), space = text.rfind(' ');
        if (text.size() < 5 || text[1] != ' ' || colon == std::string::npos || space == std::string::npos || space < colon) fail();
        json rule = {{"allow", true}, {"type", text.substr(0, 1)}, {"access", text.substr(space + 1)}};
        auto number = [&](const char* key, std::string_view digits) {
            if (digits == "*") return;
            unsigned value = 0;
            auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
            if (error != std::errc() || end != digits.data() + digits.size()) fail();
            rule[key] = value;
        };
        number("major", std::string_view(text).substr(2, colon - 2));
        number("minor", std::string_view(text).substr(colon + 1, space - colon - 1));
        rules.push_back(std::move(rule));
    }
    return rules;
}

json memory(const Resources& resources) {
    json out = json::object();
    if (resources.memory) out["limit"] = resources.memory;
    if (resources.memoryReservation) out["reservation"] = resources.memoryReservation;
    // docker: without a word about swap, as much swap as memory.
    if (resources.memorySwap) out["swap"] = resources.memorySwap;
    else if (resources.memory) out["swap"] = resources.memory * 2;
    if (resources.memorySwappiness) out["swappiness"] = *resources.memorySwappiness;
    if (resources.oomKillDisable) out["disableOOMKiller"] = true;
    return out;
}

json cpu(const Resources& resources) {
    json out = json::object();
    if (resources.cpuShares) out["shares"] = resources.cpuShares;
    if (resources.nanoCpus) {
        out["period"] = cpuPeriodMicroseconds;
        out["quota"] = resources.nanoCpus / (1'000'000'000 / cpuPeriodMicroseconds);
    }
    if (resources.cpuPeriod) out["period"] = resources.cpuPeriod;
    if (resources.cpuQuota) out["quota"] = resources.cpuQuota;
    if (resources.cpuRealtimePeriod) out["realtimePeriod"] = resources.cpuRealtimePeriod;
    if (resources.cpuRealtimeRuntime) out["realtimeRuntime"] = resources.cpuRealtimeRuntime;
    if (!resources.cpusetCpus.empty()) out["cpus"] = resources.cpusetCpus;
    if (!resources.cpusetMems.empty()) out["mems"] = resources.cpusetMems;
    return out;
}

json blockIo(const Resources& resources, const BlockDeviceValues& blocks) {
    json out = json::object();
    if (resources.blkioWeight) out["weight"] = resources.blkioWeight;
    auto add = [&](const char* list, const char* key, const std::vector<BlockDeviceValue>& values) {
        for (const BlockDeviceValue& each : values) out[list].push_back({{"major", each.major}, {"minor", each.minor}, {key, each.value}});
    };
    add("weightDevice", "weight", blocks.weights);
    add("throttleReadBpsDevice", "rate", blocks.readBps);
    add("throttleWriteBpsDevice", "rate", blocks.writeBps);
    add("throttleReadIOPSDevice", "rate", blocks.readIops);
    add("throttleWriteIOPSDevice", "rate", blocks.writeIops);
    return out;
}

json resources(const ContainerSpec& spec, const OciInput& input) {
    json out = {{"devices", deviceRules(spec, input)}};
    if (json limits = memory(spec.resources); !limits.empty()) out["memory"] = limits;
    if (json limits = cpu(spec.resources); !limits.empty()) out["cpu"] = limits;
    const std::int64_t pids = spec.resources.pidsLimit ? spec.resources.pidsLimit : input.limitsProcesses ? defaultPidsLimit : 0;
    if (pids > 0) out["pids"] = {{"limit", pids}};
    if (json limits = blockIo(spec.resources, input.blocks); !limits.empty()) out["blockIO"] = limits;
    return out;
}

std::map<std::string, std::string> sysctls(const ContainerSpec& spec) {
    std::map<std::string, std::string> out = spec.sysctls;
    bool ownNetwork = spec.networkMode != "host" && !spec.networkMode.starts_with("container:");
    if (ownNetwork) {
        // A container's ports are its own: no need for a capability to use low ones, nor to ping.
        out.emplace("net.ipv4.ip_unprivileged_port_start", "0");
        out.emplace("net.ipv4.ping_group_range", "0 2147483647");
    }
    return out;
}

json devices(const OciInput& input) {
    json out = json::array();
    for (const HostDevice& device : input.devices) {
        out.push_back({{"path", device.path}, {"type", std::string(1, device.type)}, {"major", device.major}, {"minor", device.minor},
                       {"fileMode", device.mode}, {"uid", device.uid}, {"gid", device.gid}});
    }
    return out;
}

/// Relative: below the engine's own node, wherever cgroup_parent seems to point.
std::string cgroupPath(const ContainerSpec& spec, const std::string& id) {
    std::string parent = spec.cgroupParent;
    while (parent.starts_with('/')) parent.erase(0, 1);
    return parent.empty() ? id : parent + "/" + id;
}

json linuxPart(const ContainerSpec& spec, const OciInput& input) {
    json out = {
        {"namespaces", namespaces(spec, input)},
        {"cgroupsPath", cgroupPath(spec, input.id)},
        {"resources", resources(spec, input)},
        {"devices", devices(input)},
        {"sysctl", sysctls(spec)},
        {"rootfsPropagation", "private"},
        {"maskedPaths", json::array()},
        {"readonlyPaths", json::array()},
    };
    if (!spec.privileged && !hasOpenSystemPaths(spec)) {
        out["maskedPaths"] = maskedPaths();
        out["readonlyPaths"] = readOnlyPaths();
    }
    return out;
}

}  // namespace

json ociConfig(const ContainerSpec& spec, const OciInput& input) {
    json config = {
        {"ociVersion", "1.1.0"},
        {"root", {{"path", input.rootPath}, {"readonly", spec.readOnlyRootfs}}},
        {"process", process(spec, input)},
        {"mounts", mounts(spec, input)},
        {"linux", linuxPart(spec, input)},
        {"annotations", spec.annotations},
    };
    for (const HookProgram& hook : input.hooks) {
        json entry = {{"path", hook.path}, {"args", hook.arguments}, {"env", hook.environment}};
        if (hook.timeout) entry["timeout"] = hook.timeout;
        config["hooks"][hook.kind].push_back(std::move(entry));
    }
    // Names can only be set in an own UTS namespace.
    if (spec.utsMode != "host") {
        config["hostname"] = input.hostname;
        if (!spec.domainname.empty()) config["domainname"] = spec.domainname;
    }
    return config;
}

}  // namespace devc::engine

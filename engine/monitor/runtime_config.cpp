#include "engine/monitor/runtime_config.h"

#include <sched.h>
#include <sys/resource.h>

#include <nlohmann/json.hpp>

#include "engine/error.h"

namespace devc::engine {

namespace {

using Json = nlohmann::json;

struct NamespaceName {
    std::string_view name;
    std::uint64_t flag;
};
constexpr NamespaceName namespaceNames[] = {
    {"mount", CLONE_NEWNS}, {"network", CLONE_NEWNET}, {"pid", CLONE_NEWPID},       {"ipc", CLONE_NEWIPC},
    {"uts", CLONE_NEWUTS},  {"user", CLONE_NEWUSER},   {"cgroup", CLONE_NEWCGROUP},
};

struct LimitName {
    std::string_view name;
    int resource;
};
constexpr LimitName limitNames[] = {
    {"RLIMIT_CPU", RLIMIT_CPU},         {"RLIMIT_FSIZE", RLIMIT_FSIZE},     {"RLIMIT_DATA", RLIMIT_DATA},
    {"RLIMIT_STACK", RLIMIT_STACK},     {"RLIMIT_CORE", RLIMIT_CORE},       {"RLIMIT_RSS", RLIMIT_RSS},
    {"RLIMIT_NPROC", RLIMIT_NPROC},     {"RLIMIT_NOFILE", RLIMIT_NOFILE},   {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
    {"RLIMIT_AS", RLIMIT_AS},           {"RLIMIT_LOCKS", RLIMIT_LOCKS},     {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
    {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE}, {"RLIMIT_NICE", RLIMIT_NICE},     {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
    {"RLIMIT_RTTIME", RLIMIT_RTTIME},
};

const Json& at(const Json& object, const char* key) {
    static const Json nothing;
    auto found = object.find(key);
    return found == object.end() ? nothing : *found;
}

template <typename T>
T get(const Json& object, const char* key, T fallback) {
    const Json& value = at(object, key);
    return value.is_null() ? fallback : value.get<T>();
}

template <typename T>
std::optional<T> maybe(const Json& object, const char* key) {
    const Json& value = at(object, key);
    if (value.is_null()) return {};
    return value.get<T>();
}

using Texts = std::vector<std::string>;

std::uint64_t capabilities(const Json& sets, const char* key) {
    std::uint64_t bits = 0;
    for (const std::string& name : get(sets, key, Texts{})) bits |= capabilityBit(name);
    return bits;
}

RuntimeLimit limitFrom(const Json& json) {
    std::string type = get(json, "type", std::string());
    for (const LimitName& known : limitNames) {
        if (known.name == type) return {type, known.resource, get(json, "soft", std::uint64_t{0}), get(json, "hard", std::uint64_t{0})};
    }
    throw Error::of("unknown resource limit {}", type);
}

RuntimeProcess processFrom(const Json& json) {
    RuntimeProcess process;
    process.arguments = get(json, "args", Texts{});
    process.environment = get(json, "env", Texts{});
    process.workingDir = get(json, "cwd", std::string("/"));
    process.terminal = get(json, "terminal", false);
    process.noNewPrivileges = get(json, "noNewPrivileges", false);
    process.oomScoreAdj = maybe<int>(json, "oomScoreAdj");
    if (const Json& user = at(json, "user"); user.is_object()) {
        process.umask = maybe<unsigned>(user, "umask");
        process.user.uid = get(user, "uid", uid_t{0});
        process.user.gid = get(user, "gid", gid_t{0});
        process.user.groups = get(user, "additionalGids", std::vector<gid_t>{});
    }
    if (const Json& size = at(json, "consoleSize"); size.is_object()) {
        process.rows = get(size, "height", 0U);
        process.columns = get(size, "width", 0U);
    }
    if (const Json& sets = at(json, "capabilities"); sets.is_object()) {
        process.capabilities = {capabilities(sets, "bounding"), capabilities(sets, "permitted"), capabilities(sets, "effective"),
                                capabilities(sets, "inheritable"), capabilities(sets, "ambient")};
    }
    for (const Json& limit : at(json, "rlimits")) process.limits.push_back(limitFrom(limit));
    return process;
}

std::vector<RuntimeHook> hooksFrom(const Json& json) {
    std::vector<RuntimeHook> hooks;
    for (const Json& hook : json) {
        hooks.push_back({get(hook, "path", std::string()), get(hook, "args", Texts{}), get(hook, "env", Texts{}), get(hook, "timeout", std::int64_t{0})});
    }
    return hooks;
}

RuntimeNamespace namespaceFrom(const Json& json) {
    std::string type = get(json, "type", std::string());
    for (const NamespaceName& known : namespaceNames) {
        if (known.name == type) return {known.flag, get(json, "path", std::string())};
    }
    throw Error::of("unknown namespace {}", type);
}

RuntimeDevice deviceFrom(const Json& json) {
    RuntimeDevice device;
    device.path = get(json, "path", std::string());
    device.type = get(json, "type", std::string("c")).front();
    device.major = get(json, "major", 0U);
    device.minor = get(json, "minor", 0U);
    device.mode = get(json, "fileMode", 0666U);
    device.uid = get(json, "uid", 0U);
    device.gid = get(json, "gid", 0U);
    return device;
}

DeviceRule ruleFrom(const Json& json) {
    DeviceRule rule;
    rule.allow = get(json, "allow", false);
    std::string type = get(json, "type", std::string("a"));
    rule.type = type.empty() ? 'a' : type.front();
    rule.major = get(json, "major", std::int64_t{-1});
    rule.minor = get(json, "minor", std::int64_t{-1});
    rule.access = get(json, "access", std::string("rwm"));
    return rule;
}

std::vector<BlockLimit> blockLimits(const Json& json, const char* list, const char* value) {
    std::vector<BlockLimit> limits;
    for (const Json& device : at(json, list)) limits.push_back({get(device, "major", 0U), get(device, "minor", 0U), get(device, value, std::uint64_t{0})});
    return limits;
}

CgroupLimits limitsFrom(const Json& json) {
    CgroupLimits limits;
    if (const Json& memory = at(json, "memory"); memory.is_object()) {
        limits.memory = maybe<std::int64_t>(memory, "limit");
        limits.memoryReservation = maybe<std::int64_t>(memory, "reservation");
        limits.memorySwap = maybe<std::int64_t>(memory, "swap");
        limits.swappiness = maybe<std::uint64_t>(memory, "swappiness");
        limits.disableOomKiller = get(memory, "disableOOMKiller", false);
    }
    if (const Json& cpu = at(json, "cpu"); cpu.is_object()) {
        limits.cpuShares = maybe<std::uint64_t>(cpu, "shares");
        limits.cpuQuota = maybe<std::int64_t>(cpu, "quota");
        limits.cpuPeriod = maybe<std::uint64_t>(cpu, "period");
        limits.realtimeRuntime = maybe<std::int64_t>(cpu, "realtimeRuntime");
        limits.realtimePeriod = maybe<std::int64_t>(cpu, "realtimePeriod");
        limits.cpus = get(cpu, "cpus", std::string());
        limits.mems = get(cpu, "mems", std::string());
    }
    if (const Json& pids = at(json, "pids"); pids.is_object()) limits.pids = maybe<std::int64_t>(pids, "limit");
    if (const Json& blocks = at(json, "blockIO"); blocks.is_object()) {
        limits.blkioWeight = maybe<std::uint16_t>(blocks, "weight");
        limits.blkioWeights = blockLimits(blocks, "weightDevice", "weight");
        limits.readBps = blockLimits(blocks, "throttleReadBpsDevice", "rate");
        limits.writeBps = blockLimits(blocks, "throttleWriteBpsDevice", "rate");
        limits.readIops = blockLimits(blocks, "throttleReadIOPSDevice", "rate");
        limits.writeIops = blockLimits(blocks, "throttleWriteIOPSDevice", "rate");
    }
    for (const Json& rule : at(json, "devices")) limits.devices.push_back(ruleFrom(rule));
    return limits;
}

RuntimeConfig configFrom(const Json& json) {
    RuntimeConfig config;
    config.process = processFrom(at(json, "process"));
    if (config.process.arguments.empty()) throw Error::of("no program to run");
    if (const Json& root = at(json, "root"); root.is_object()) {
        config.readOnlyRoot = get(root, "readonly", false);
        config.rootPath = get(root, "path", std::string());
    }
    for (const auto& [kind, hooks] : at(json, "hooks").items()) config.hooks[kind] = hooksFrom(hooks);
    config.annotations = get(json, "annotations", std::map<std::string, std::string>{});
    config.hostname = get(json, "hostname", std::string());
    config.domainname = get(json, "domainname", std::string());
    for (const Json& mount : at(json, "mounts")) {
        config.mounts.push_back({get(mount, "destination", std::string()), get(mount, "type", std::string()),
                                 get(mount, "source", std::string()), get(mount, "options", Texts{})});
    }
    const Json& linux_ = at(json, "linux");
    if (!linux_.is_object()) return config;
    for (const Json& space : at(linux_, "namespaces")) config.namespaces.push_back(namespaceFrom(space));
    for (const Json& device : at(linux_, "devices")) config.devices.push_back(deviceFrom(device));
    config.cgroupsPath = get(linux_, "cgroupsPath", std::string());
    config.maskedPaths = get(linux_, "maskedPaths", Texts{});
    config.readOnlyPaths = get(linux_, "readonlyPaths", Texts{});
    if (const Json& seccomp = at(linux_, "seccomp"); seccomp.is_object()) config.seccomp = seccomp.dump();
    config.sysctls = get(linux_, "sysctl", std::map<std::string, std::string>{});
    if (const Json& resources = at(linux_, "resources"); resources.is_object()) config.limits = limitsFrom(resources);
    return config;
}

}  // namespace

const RuntimeNamespace* RuntimeConfig::find(std::uint64_t flag) const {
    for (const RuntimeNamespace& space : namespaces) {
        if (space.flag == flag) return &space;
    }
    return nullptr;
}

bool RuntimeConfig::makes(std::uint64_t flag) const {
    const RuntimeNamespace* space = find(flag);
    return space && space->path.empty();
}

RuntimeConfig parseRuntimeConfig(std::string_view text) {
    try {
        return configFrom(Json::parse(text));
    } catch (const Json::exception& error) {
        throw Error::of("the container's config.json is not a runtime configuration: {}", error.what());
    }
}

}  // namespace devc::engine

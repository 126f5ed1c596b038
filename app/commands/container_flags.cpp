#include "app/commands/container_flags.h"

#include <algorithm>
#include <filesystem>

#include "app/commands/commands.h"
#include "app/commands/device_flags.h"
#include "app/commands/noun.h"
#include "app/project/service_spec.h"
#include "app/ui/human.h"
#include "engine/error.h"
#include "engine/linux/fd.h"

namespace devc::app {
namespace {

using engine::ContainerSpec;
using engine::Error;

/// Runs `work`; an error in it says which flag it was.
template <typename Work>
auto flag(std::string_view name, std::string_view value, Work&& work) {
    try {
        return work();
    } catch (Error& error) {
        throw error.during("invalid argument \"{}\" for \"--{}\" flag", value, name).status(125);
    }
}

std::string expandedList(const std::string& text, std::vector<std::string>& into) {
    // "80", "80/tcp", "8000-8010/udp"
    const std::vector<engine::PortBinding> ports = parsePublish(text);
    for (const engine::PortBinding& port : ports) into.push_back(fmt::format("{}/{}", port.containerPort, port.protocol));
    return text;
}

engine::Ulimit parseUlimit(const std::string& text) {
    const std::size_t equals = text.find('='), colon = text.find(':', equals == std::string::npos ? 0 : equals);
    if (equals == std::string::npos || equals == 0) throw Error::of("invalid ulimit argument: {}", text);
    const auto number = [&](const std::string& part) {
        if (part == "unlimited") return std::int64_t{-1};
        std::size_t used = 0;
        try {
            const std::int64_t value = std::stoll(part, &used);
            if (used == part.size() && value >= -1) return value;
        } catch (const std::exception&) {  // falls to the error below
        }
        throw Error::of("invalid ulimit argument: {}", text);
    };
    engine::Ulimit limit;
    limit.soft = number(text.substr(equals + 1, colon == std::string::npos ? colon : colon - equals - 1));
    limit.hard = colon == std::string::npos ? limit.soft : number(text.substr(colon + 1));
    if (limit.hard != -1 && (limit.soft == -1 || limit.soft > limit.hard))
        throw Error::of("ulimit soft limit must be less than or equal to hard limit: {} > {}", limit.soft, limit.hard);
    return limit;
}

std::vector<engine::BlockDeviceLimit> blockLimits(std::string_view name, const std::vector<std::string>& texts, BlockValue kind) {
    std::vector<engine::BlockDeviceLimit> limits;
    for (const std::string& text : texts) limits.push_back(flag(name, text, [&] { return parseBlockLimit(text, kind); }));
    return limits;
}

engine::MountSpec parseTmpfsFlag(const std::string& text) {
    engine::MountSpec mount;
    mount.type = engine::MountType::Tmpfs;
    const std::size_t colon = text.find(':');
    mount.target = text.substr(0, colon);
    if (colon != std::string::npos) mount.options = text.substr(colon + 1);
    if (mount.target.empty() || mount.target[0] != '/') throw Error::of("invalid tmpfs path '{}': mount path must be absolute", mount.target);
    mount.target = std::filesystem::path(mount.target).lexically_normal();
    return mount;
}

engine::NetworkAttachment parseNetwork(const std::string& text) {
    engine::NetworkAttachment attachment;
    if (text.find('=') == std::string::npos) {
        attachment.network = text;
        return attachment;
    }
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::string part = text.substr(begin, end - begin);
        begin = end + 1;
        const std::size_t equals = part.find('=');
        const std::string key = part.substr(0, equals), value = equals == std::string::npos ? "" : part.substr(equals + 1);
        if (key == "name") attachment.network = value;
        else if (key == "alias") attachment.aliases.push_back(value);
        else if (key == "ip") attachment.ipv4 = value;
        else if (key == "ip6") attachment.ipv6 = value;
        else if (key == "mac-address") attachment.mac = value;
        else if (key == "link-local-ip") attachment.linkLocalIps.push_back(value);
        else if (key == "gw-priority") attachment.gatewayPriority = std::atoi(value.c_str());
        else if (key == "driver-opt") attachment.driverOptions[value.substr(0, value.find('='))] = value.find('=') == std::string::npos ? "" : value.substr(value.find('=') + 1);
        else throw Error::of("invalid field key {}", key);
    }
    if (attachment.network.empty()) throw Error("network name/id is not specified");
    return attachment;
}

std::vector<std::string> labelLines(const std::vector<std::string>& files) {
    std::vector<std::string> result;
    for (const std::string& file : files) {
        const std::string text = engine::readFile(file);
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = std::min(text.find('\n', begin), text.size());
            const std::string line = text.substr(begin, end - begin);
            begin = end + 1;
            if (!line.empty() && line[0] != '#') result.push_back(line);
        }
    }
    return result;
}

void applyNetworks(const ContainerFlags& flags, ContainerSpec& spec) {
    std::vector<engine::NetworkAttachment> attachments;
    for (const std::string& text : flags.networks)
        attachments.push_back(flag("network", text, [&] { return parseNetwork(text); }));
    const bool details = !flags.networkAliases.empty() || !flags.ip.empty() || !flags.ip6.empty() || !flags.links.empty() || !flags.linkLocalIps.empty();
    const std::string mode = attachments.empty() ? "" : attachments.front().network;
    if (mode == "none" || mode == "host" || mode.rfind("container:", 0) == 0) {
        if (attachments.size() > 1) throw Error::of("conflicting options: cannot attach both user-defined and non-user-defined network-modes").status(125);
        if (!flags.networkAliases.empty() || !flags.ip.empty() || !flags.ip6.empty())
            throw Error::of("conflicting options: network \"{}\" takes no aliases or addresses", mode).status(125);
        spec.networkMode = mode;
        return;
    }
    const bool isDefault = mode.empty() || mode == "default" || mode == "bridge";
    if (isDefault && attachments.size() <= 1 && !details) {
        if (attachments.empty() || (attachments.front().aliases.empty() && attachments.front().ipv4.empty())) return;
    }
    if (attachments.empty()) attachments.emplace_back();
    engine::NetworkAttachment& first = attachments.front();
    if (isDefault) first.network = "bridge";
    first.aliases.insert(first.aliases.end(), flags.networkAliases.begin(), flags.networkAliases.end());
    first.linkLocalIps.insert(first.linkLocalIps.end(), flags.linkLocalIps.begin(), flags.linkLocalIps.end());
    if (!flags.ip.empty()) first.ipv4 = flags.ip;
    if (!flags.ip6.empty()) first.ipv6 = flags.ip6;
    for (const std::string& link : flags.links) {
        const std::size_t colon = link.find(':');
        const std::string name = link.substr(0, colon);
        first.links.push_back({name, colon == std::string::npos ? name : link.substr(colon + 1)});
    }
    spec.networks = std::move(attachments);
}

void applyMounts(const ContainerFlags& flags, ContainerSpec& spec) {
    for (const std::string& text : flags.volumes) spec.mounts.push_back(flag("volume", text, [&] { return parseVolumeFlag(text); }));
    for (const std::string& text : flags.mounts) spec.mounts.push_back(flag("mount", text, [&] { return parseMountFlag(text); }));
    for (const std::string& text : flags.tmpfs) spec.mounts.push_back(flag("tmpfs", text, [&] { return parseTmpfsFlag(text); }));
    for (std::size_t i = 0; i < spec.mounts.size(); ++i)
        for (std::size_t k = 0; k < i; ++k)
            if (spec.mounts[i].target == spec.mounts[k].target)
                throw Error::of("Duplicate mount point: {}", spec.mounts[i].target).status(125);
    spec.volumesFrom = flags.volumesFrom;
}

void applyHealth(const ContainerFlags& flags, ContainerSpec& spec) {
    const auto duration = [](std::string_view name, const std::string& text) {
        return text.empty() ? engine::Nanoseconds(0) : flag(name, text, [&] { return parseDuration(text); });
    };
    engine::HealthCheck check;
    check.interval = duration("health-interval", flags.healthInterval);
    check.timeout = duration("health-timeout", flags.healthTimeout);
    check.startPeriod = duration("health-start-period", flags.healthStartPeriod);
    check.startInterval = duration("health-start-interval", flags.healthStartInterval);
    check.retries = flags.healthRetries;
    if (!flags.healthCommand.empty()) check.test = {"CMD-SHELL", flags.healthCommand};
    if (flags.noHealthcheck) {
        if (!(check == engine::HealthCheck{})) throw Error("--no-healthcheck conflicts with --health-* options", 125);
        check.test = {"NONE"};
    }
    if (!(check == engine::HealthCheck{})) spec.healthcheck = check;
}

void applyResources(const ContainerFlags& flags, ContainerSpec& spec) {
    engine::Resources& r = spec.resources;
    const auto bytes = [](std::string_view name, const std::string& text) {
        return text.empty() ? std::int64_t{0} : flag(name, text, [&] { return parseMemory(text); });
    };
    r.memory = bytes("memory", flags.memory);
    r.memoryReservation = bytes("memory-reservation", flags.memoryReservation);
    r.memorySwap = bytes("memory-swap", flags.memorySwap);
    spec.shmSize = bytes("shm-size", flags.shmSize);
    if (!flags.cpus.empty()) r.nanoCpus = flag("cpus", flags.cpus, [&] { return parseCpus(flags.cpus); });
    if (r.nanoCpus != 0 && (flags.cpuQuota != 0 || flags.cpuPeriod != 0))
        throw Error("Conflicting options: Nano CPUs and CPU Period cannot both be set.", 125);
    r.cpuShares = flags.cpuShares;
    r.cpuQuota = flags.cpuQuota;
    r.cpuPeriod = flags.cpuPeriod;
    r.cpuRealtimeRuntime = flags.cpuRealtimeRuntime;
    r.cpuRealtimePeriod = flags.cpuRealtimePeriod;
    r.cpusetCpus = flags.cpusetCpus;
    r.cpusetMems = flags.cpusetMems;
    r.pidsLimit = flags.pidsLimit;
    if (flags.memorySwappiness != -1) r.memorySwappiness = flags.memorySwappiness;
    r.oomKillDisable = flags.oomKillDisable;
    r.oomScoreAdj = flags.oomScoreAdj;
    r.blkioWeight = static_cast<std::uint16_t>(flags.blkioWeight);
    r.blkioWeights = blockLimits("blkio-weight-device", flags.blkioWeights, BlockValue::Weight);
    r.readBps = blockLimits("device-read-bps", flags.readBps, BlockValue::Bytes);
    r.writeBps = blockLimits("device-write-bps", flags.writeBps, BlockValue::Bytes);
    r.readIops = blockLimits("device-read-iops", flags.readIops, BlockValue::Operations);
    r.writeIops = blockLimits("device-write-iops", flags.writeIops, BlockValue::Operations);
    r.deviceCgroupRules = flags.deviceRules;
    for (const std::string& text : flags.ulimits)
        spec.ulimits[text.substr(0, text.find('='))] = flag("ulimit", text, [&] { return parseUlimit(text); });
    if (!flags.gpus.empty()) spec.deviceRequests.push_back(flag("gpus", flags.gpus, [&] { return parseGpus(flags.gpus); }));
    for (const std::string& text : flags.devices) spec.devices.push_back(flag("device", text, [&] { return parseDevice(text); }));
}

void applyIdentity(const ContainerFlags& flags, ContainerSpec& spec) {
    spec.name = flags.name;
    spec.environment = environmentOf(flags.envFiles, flags.environment);
    spec.workingDir = flags.workdir;
    spec.user = flags.user;
    spec.groupAdd = flags.groupAdd;
    spec.hostname = flags.hostname;
    spec.domainname = flags.domainname;
    spec.labels = keyValues(labelLines(flags.labelFiles));
    for (auto& [key, value] : keyValues(flags.labels)) spec.labels[key] = value;
    spec.annotations = keyValues(flags.annotations);
    spec.platform = flags.platform;
    spec.pidMode = flags.pid;
    spec.ipcMode = flags.ipc;
    spec.utsMode = flags.uts;
    spec.usernsMode = flags.userns;
    spec.cgroupMode = flags.cgroupns;
    spec.cgroupParent = flags.cgroupParent;
    spec.runtime = flags.runtime;
}

}  // namespace

void ContainerFlags::addTo(CLI::App& c) {
    c.set_help_flag("--help", "Print usage");
    const auto text = [&](const char* names, std::string& value, const char* help) { c.add_option(names, value, help); };
    const auto list = [&](const char* names, std::vector<std::string>& value, const char* help) { addList(c, names, value, help); };
    const auto flag = [&](const char* names, bool& value, const char* help) { c.add_flag(names, value, help); };
    const auto number = [&](const char* names, std::int64_t& value, const char* help) { c.add_option(names, value, help); };
    list("--add-host", addHosts, "Add a custom host-to-IP mapping (host:ip)");
    list("--annotation", annotations, "Add an annotation to the container");
    list("-a,--attach", attach, "Attach to STDIN, STDOUT or STDERR");
    c.add_option("--blkio-weight", blkioWeight, "Block IO (relative weight), between 10 and 1000, or 0 to disable")->check(CLI::Range(0, 1000));
    list("--cap-add", capAdd, "Add Linux capabilities");
    list("--cap-drop", capDrop, "Drop Linux capabilities");
    text("--cgroup-parent", cgroupParent, "Optional parent cgroup for the container");
    text("--cgroupns", cgroupns, "Cgroup namespace to use (host|private)");
    text("--cidfile", cidfile, "Write the container ID to the file");
    number("--cpu-period", cpuPeriod, "Limit CPU CFS period");
    number("--cpu-quota", cpuQuota, "Limit CPU CFS quota");
    number("--cpu-rt-period", cpuRealtimePeriod, "Limit CPU real-time period in microseconds");
    number("--cpu-rt-runtime", cpuRealtimeRuntime, "Limit CPU real-time runtime in microseconds");
    number("-c,--cpu-shares", cpuShares, "CPU shares (relative weight)");
    text("--cpus", cpus, "Number of CPUs");
    text("--cpuset-cpus", cpusetCpus, "CPUs in which to allow execution (0-3, 0,1)");
    text("--cpuset-mems", cpusetMems, "MEMs in which to allow execution (0-3, 0,1)");
    list("--device", devices, "Add a host device to the container");
    list("--blkio-weight-device", blkioWeights, "Block IO weight (relative device weight): DEVICE:WEIGHT");
    list("--device-read-bps", readBps, "Limit read rate (bytes per second) from a device: DEVICE:RATE");
    list("--device-read-iops", readIops, "Limit read rate (IO per second) from a device: DEVICE:RATE");
    list("--device-write-bps", writeBps, "Limit write rate (bytes per second) to a device: DEVICE:RATE");
    list("--device-write-iops", writeIops, "Limit write rate (IO per second) to a device: DEVICE:RATE");
    list("--device-cgroup-rule", deviceRules, "Add a rule to the cgroup allowed devices list");
    list("--dns", dns, "Set custom DNS servers");
    list("--dns-option,--dns-opt", dnsOptions, "Set DNS options");
    list("--dns-search", dnsSearch, "Set custom DNS search domains");
    text("--domainname", domainname, "Container NIS domain name");
    c.add_option_function<std::string>("--entrypoint", [this](const std::string& value) { entrypoint = value; hasEntrypoint = true; },
                                       "Overwrite the default ENTRYPOINT of the image");
    list("-e,--env", environment, "Set environment variables");
    list("--env-file", envFiles, "Read in a file of environment variables");
    list("--expose", expose, "Expose a port or a range of ports");
    text("--gpus", gpus, "GPU devices to add to the container ('all' to pass all GPUs)");
    list("--group-add", groupAdd, "Add additional groups to join");
    text("--health-cmd", healthCommand, "Command to run to check health");
    text("--health-interval", healthInterval, "Time between running the check");
    c.add_option("--health-retries", healthRetries, "Consecutive failures needed to report unhealthy");
    text("--health-start-interval", healthStartInterval, "Time between running the check during the start period");
    text("--health-start-period", healthStartPeriod, "Start period before retries count");
    text("--health-timeout", healthTimeout, "Maximum time to allow one check to run");
    text("-h,--hostname", hostname, "Container host name");
    flag("--init", init, "Run an init inside the container that forwards signals and reaps processes");
    flag("-i,--interactive", interactive, "Keep STDIN open even if not attached");
    text("--ip", ip, "IPv4 address (e.g., 172.30.100.104)");
    text("--ip6", ip6, "IPv6 address (e.g., 2001:db8::33)");
    text("--ipc", ipc, "IPC mode to use");
    text("--kernel-memory", kernelMemory, "Kernel memory limit (has no effect)");
    list("-l,--label", labels, "Set meta data on a container");
    list("--label-file", labelFiles, "Read in a line delimited file of labels");
    list("--link", links, "Add link to another container");
    list("--link-local-ip", linkLocalIps, "Container IPv4/IPv6 link-local addresses");
    text("--log-driver", logDriver, "Logging driver for the container");
    list("--log-opt", logOptions, "Log driver options");
    text("--mac-address", mac, "Container MAC address");
    text("-m,--memory", memory, "Memory limit");
    text("--memory-reservation", memoryReservation, "Memory soft limit");
    text("--memory-swap", memorySwap, "Swap limit equal to memory plus swap: '-1' to enable unlimited swap");
    c.add_option("--memory-swappiness", memorySwappiness, "Tune container memory swappiness (0 to 100)")->check(CLI::Range(-1, 100));
    list("--mount", mounts, "Attach a filesystem mount to the container");
    text("--name", name, "Assign a name to the container");
    list("--network,--net", networks, "Connect a container to a network");
    list("--network-alias,--net-alias", networkAliases, "Add network-scoped alias for the container");
    flag("--no-healthcheck", noHealthcheck, "Disable any container-specified HEALTHCHECK");
    flag("--oom-kill-disable", oomKillDisable, "Disable OOM Killer");
    c.add_option("--oom-score-adj", oomScoreAdj, "Tune host's OOM preferences (-1000 to 1000)")->check(CLI::Range(-1000, 1000));
    text("--pid", pid, "PID namespace to use");
    number("--pids-limit", pidsLimit, "Tune container pids limit (set -1 for unlimited)");
    text("--platform", platform, "Set platform if server is multi-platform capable");
    flag("--privileged", privileged, "Give extended privileges to this container");
    list("-p,--publish", publish, "Publish a container's port(s) to the host");
    flag("-P,--publish-all", publishAll, "Publish all exposed ports to random ports");
    c.add_option("--pull", pull, "Pull image before running")->check(CLI::IsMember({"always", "missing", "never"}));
    flag("-q,--quiet", quiet, "Suppress the pull output");
    flag("--read-only", readOnly, "Mount the container's root filesystem as read only");
    text("--restart", restart, "Restart policy to apply when a container exits");
    flag("--rm", remove, "Automatically remove the container and its anonymous volumes when it exits");
    text("--runtime", runtime, "Runtime to use for this container");
    list("--security-opt", securityOptions, "Security Options");
    text("--shm-size", shmSize, "Size of /dev/shm");
    text("--stop-signal", stopSignal, "Signal to stop the container");
    c.add_option_function<int>("--stop-timeout", [this](const int& seconds) { stopTimeout = seconds; }, "Timeout (in seconds) to stop a container");
    list("--storage-opt", storageOptions, "Storage driver options for the container");
    list("--sysctl", sysctls, "Sysctl options");
    list("--tmpfs", tmpfs, "Mount a tmpfs directory");
    flag("-t,--tty", tty, "Allocate a pseudo-TTY");
    list("--ulimit", ulimits, "Ulimit options");
    text("-u,--user", user, "Username or UID (format: <name|uid>[:<group|gid>])");
    text("--userns", userns, "User namespace to use");
    text("--uts", uts, "UTS namespace to use");
    list("-v,--volume", volumes, "Bind mount a volume");
    text("--volume-driver", volumeDriver, "Optional volume driver for the container");
    list("--volumes-from", volumesFrom, "Mount volumes from the specified container(s)");
    text("-w,--workdir", workdir, "Working directory inside the container");
}

ContainerSpec ContainerFlags::spec(const std::vector<std::string>& words) const {
    ContainerSpec spec;
    if (!volumeDriver.empty() && volumeDriver != "local") throw Error::of("no volume driver \"{}\": devc knows \"local\"", volumeDriver).status(125);
    try {
        applyIdentity(*this, spec);
        spec.image = words.at(0);
        if (words.size() > 1) spec.command.emplace(words.begin() + 1, words.end());
        if (hasEntrypoint) {
            spec.entrypoint.emplace();
            if (!entrypoint.empty()) spec.entrypoint->push_back(entrypoint);
        }
        spec.tty = tty;
        spec.openStdin = interactive;
        spec.init = init;
        spec.privileged = privileged;
        spec.readOnlyRootfs = readOnly;
        spec.autoRemove = remove;
        spec.publishAllPorts = publishAll;
        spec.capAdd = capAdd;
        spec.capDrop = capDrop;
        spec.securityOptions = securityOptions;
        spec.sysctls = keyValues(sysctls);
        spec.macAddress = mac;
        spec.dns = dns;
        spec.dnsSearch = dnsSearch;
        spec.dnsOptions = dnsOptions;
        for (const std::string& host : addHosts) {
            const std::size_t at = host.find_first_of(":=");
            if (at == std::string::npos || at == 0) throw Error::of("bad format for add-host: \"{}\"", host);
            std::string address = host.substr(at + 1);
            if (address.size() > 2 && address.front() == '[' && address.back() == ']') address = address.substr(1, address.size() - 2);
            spec.extraHosts.push_back(host.substr(0, at) + ":" + address);
        }
        for (const std::string& text : publish)
            for (engine::PortBinding& port : app::flag("publish", text, [&] { return parsePublish(text); })) spec.ports.push_back(std::move(port));
        for (const std::string& text : expose) app::flag("expose", text, [&] { return expandedList(text, spec.exposed); });
        applyNetworks(*this, spec);
        applyMounts(*this, spec);
        applyHealth(*this, spec);
        applyResources(*this, spec);
        spec.stopSignal = stopSignal;
        if (stopTimeout) spec.stopTimeout = *stopTimeout < 0 ? engine::Nanoseconds::max() : engine::Nanoseconds(std::chrono::seconds(*stopTimeout));
        spec.restart = app::flag("restart", restart, [&] { return parseRestart(restart); });
        if (remove && spec.restart.condition != engine::RestartCondition::No) throw Error("conflicting options: cannot specify both --restart and --rm");
        spec.logDriver = logDriver;
        spec.logOptions = keyValues(logOptions);
        spec.storageOptions = keyValues(storageOptions);
    } catch (Error& error) {
        if (error.exitStatus() == 1) error.status(125);
        throw;
    }
    return spec;
}

}  // namespace devc::app

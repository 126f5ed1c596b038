#include "engine/container/inspect.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "engine/container/box.h"
#include "engine/container/cdi.h"
#include "engine/container/oci_config.h"
#include "engine/container/preparation.h"
#include "engine/container/records.h"
#include "engine/network/networks.h"

namespace devc::engine {

using nlohmann::json;

namespace {

constexpr std::string_view never = "0001-01-01T00:00:00Z";

template <typename Container> json orNull(const Container& values) { return values.empty() ? json() : json(values); }

std::string timeOr(const std::string& time) { return time.empty() ? std::string(never) : time; }

json health(const HealthCheck& check) {
    json out = {{"Test", check.test}};
    if (check.interval.count()) out["Interval"] = check.interval.count();
    if (check.timeout.count()) out["Timeout"] = check.timeout.count();
    if (check.startPeriod.count()) out["StartPeriod"] = check.startPeriod.count();
    if (check.startInterval.count()) out["StartInterval"] = check.startInterval.count();
    if (check.retries) out["Retries"] = check.retries;
    return out;
}

json stateOf(const ContainerState& state) {
    bool running = isUp(state);
    json out = {
        {"Status", nameOf(state.status)}, {"Running", running}, {"Paused", state.status == Status::Paused},
        {"Restarting", state.status == Status::Restarting}, {"OOMKilled", state.oomKilled},
        {"Dead", state.status == Status::Dead}, {"Pid", state.pid}, {"ExitCode", state.exitCode}, {"Error", state.error},
        {"StartedAt", timeOr(state.startedAt)}, {"FinishedAt", timeOr(state.finishedAt)},
    };
    if (state.health != HealthStatus::None) {
        json log = json::array();
        for (const HealthProbe& probe : state.healthLog) {
            log.push_back({{"Start", probe.start}, {"End", probe.end}, {"ExitCode", probe.exitCode}, {"Output", probe.output}});
        }
        out["Health"] = {{"Status", nameOf(state.health)}, {"FailingStreak", state.failingStreak}, {"Log", log}};
    }
    return out;
}

/// The service's environment first, then what only the image has: docker's order.
std::vector<std::string> environment(const ContainerSpec& spec, const ImageConfig& image) {
    std::vector<std::string> out = spec.environment;
    auto has = [&](const std::string& entry) {
        std::string name = entry.substr(0, entry.find('='));
        return std::any_of(spec.environment.begin(), spec.environment.end(),
                           [&](const std::string& own) { return own.substr(0, own.find('=')) == name; });
    };
    std::erase_if(out, [](const std::string& entry) { return entry.find('=') == std::string::npos; });
    for (const std::string& entry : image.environment) {
        if (!has(entry)) out.push_back(entry);
    }
    return out;
}

std::map<std::string, std::string> labels(const ContainerSpec& spec, const ImageConfig& image) {
    std::map<std::string, std::string> out = spec.labels;
    out.insert(image.labels.begin(), image.labels.end());
    return out;
}

json exposedPorts(const ContainerSpec& spec) {
    json out = json::object();
    for (const std::string& port : spec.exposed) out[port] = json::object();
    return out;
}

json config(const Container& container, const Image& image) {
    const ContainerSpec& spec = container.spec;
    const ImageConfig& base = image.config;
    json volumes = json::object();
    for (const std::string& path : base.volumes) volumes[path] = json::object();
    bool defaultHostname = spec.hostname.empty() && joinedContainer(spec.networkMode).empty();
    json out = {
        {"Hostname", defaultHostname ? shortId(container.id) : spec.hostname}, {"Domainname", spec.domainname},
        {"User", spec.user.empty() ? base.user : spec.user}, {"AttachStdin", spec.attachStdin}, {"AttachStdout", spec.attachStdout},
        {"AttachStderr", spec.attachStderr}, {"Tty", spec.tty}, {"OpenStdin", spec.openStdin}, {"StdinOnce", spec.stdinOnce},
        {"Env", environment(spec, base)}, {"Image", spec.image}, {"Volumes", orNull(volumes)},
        {"WorkingDir", spec.workingDir.empty() ? base.workingDir : spec.workingDir}, {"Labels", labels(spec, base)}, {"OnBuild", nullptr},
    };
    const auto& command = spec.command ? *spec.command : spec.entrypoint ? std::vector<std::string>() : base.command;
    out["Cmd"] = orNull(command);
    out["Entrypoint"] = orNull(spec.entrypoint.value_or(base.entrypoint));
    if (!spec.exposed.empty()) out["ExposedPorts"] = exposedPorts(spec);
    if (spec.healthcheck) out["Healthcheck"] = health(*spec.healthcheck);
    else if (base.healthcheck) out["Healthcheck"] = health(*base.healthcheck);
    std::string signal = spec.stopSignal.empty() ? base.stopSignal : spec.stopSignal;
    if (!signal.empty()) out["StopSignal"] = signal;
    if (spec.stopTimeout) out["StopTimeout"] = std::chrono::duration_cast<std::chrono::seconds>(*spec.stopTimeout).count();
    return out;
}

std::string keyOf(const PortBinding& port) { return std::to_string(port.containerPort) + "/" + port.protocol; }

json wantedPorts(const ContainerSpec& spec) {
    json out = json::object();
    for (const PortBinding& port : spec.ports) {
        std::string hostPort = port.hostPort ? std::to_string(port.hostPort) : "";
        if (port.hostPortEnd) hostPort += "-" + std::to_string(port.hostPortEnd);
        out[keyOf(port)].push_back({{"HostIp", port.hostIp}, {"HostPort", hostPort}});
    }
    return out;
}

json publishedPorts(const Container& container) {
    json out = json::object();
    for (const std::string& port : container.spec.exposed) out[port] = nullptr;
    for (const EndpointInfo& endpoint : container.endpoints) {
        for (const PortBinding& port : endpoint.published) {
            std::vector<std::string> addresses{port.hostIp};
            if (port.hostIp.empty()) addresses = {"0.0.0.0", "::"};
            for (const std::string& address : addresses) {
                json binding = {{"HostIp", address}, {"HostPort", std::to_string(port.hostPort)}};
                json& bindings = out[keyOf(port)];
                if (std::find(bindings.begin(), bindings.end(), binding) == bindings.end()) bindings.push_back(binding);
            }
        }
    }
    return out;
}

std::string_view nameOf(RestartCondition condition) {
    switch (condition) {
        case RestartCondition::Always: return "always";
        case RestartCondition::OnFailure: return "on-failure";
        case RestartCondition::UnlessStopped: return "unless-stopped";
        case RestartCondition::No: break;
    }
    return "no";
}

/// "source:target[:ro]" as docker's short form; long-form mounts it lists elsewhere, scripts read .Mounts.
json binds(const ContainerSpec& spec) {
    json out = json::array();
    for (const MountSpec& mount : spec.mounts) {
        if (mount.type != MountType::Bind && mount.type != MountType::Volume) continue;
        out.push_back(mount.source + ":" + mount.target + (mount.readOnly ? ":ro" : ":rw"));
    }
    return orNull(out);
}

json tmpfs(const ContainerSpec& spec) {
    json out = json::object();
    for (const MountSpec& mount : spec.mounts) {
        if (mount.type == MountType::Tmpfs) out[mount.target] = mount.options;
    }
    return out;
}

json ulimits(const ContainerSpec& spec) {
    json out = json::array();
    for (const auto& [name, limit] : spec.ulimits) out.push_back({{"Name", name}, {"Hard", limit.hard}, {"Soft", limit.soft}});
    return out;
}

json deviceList(const ContainerSpec& spec) {
    json out = json::array();
    for (const DeviceSpec& device : spec.devices) {
        if (isCdiName(device.source)) continue;
        out.push_back({{"PathOnHost", device.source}, {"PathInContainer", device.target.empty() ? device.source : device.target},
                       {"CgroupPermissions", device.permissions}});
    }
    return out;
}

json deviceRequests(const ContainerSpec& spec) {
    json out = json::array();
    std::vector<std::string> names;
    for (const DeviceSpec& device : spec.devices)
        if (isCdiName(device.source)) names.push_back(device.source);
    if (!names.empty()) out.push_back({{"Driver", "cdi"}, {"Count", 0}, {"DeviceIDs", names}, {"Capabilities", nullptr}, {"Options", nullptr}});
    for (const DeviceRequest& request : spec.deviceRequests) {
        out.push_back({{"Driver", request.driver}, {"Count", request.count}, {"DeviceIDs", orNull(request.ids)},
                       {"Capabilities", json::array({request.capabilities})}, {"Options", request.options}});
    }
    return orNull(out);
}

json blockLimits(const char* value, const std::vector<BlockDeviceLimit>& limits) {
    json out = json::array();
    for (const BlockDeviceLimit& limit : limits) out.push_back({{"Path", limit.path}, {value, limit.value}});
    return orNull(out);
}

json links(const ContainerSpec& spec) {
    json out = json::array();
    for (const NetworkAttachment& attachment : spec.networks) {
        for (const NetworkLink& link : attachment.links) out.push_back("/" + link.container + ":/" + spec.name + "/" + link.alias);
    }
    return orNull(out);
}

std::string networkMode(const Container& container) {
    if (!container.spec.networkMode.empty()) return container.spec.networkMode;
    return container.spec.networks.empty() ? "default" : container.spec.networks.front().network;
}

json resources(const Resources& r) {
    return {
        {"CpuShares", r.cpuShares}, {"Memory", r.memory}, {"NanoCpus", r.nanoCpus}, {"BlkioWeight", r.blkioWeight},
        {"BlkioWeightDevice", blockLimits("Weight", r.blkioWeights)}, {"BlkioDeviceReadBps", blockLimits("Rate", r.readBps)},
        {"BlkioDeviceWriteBps", blockLimits("Rate", r.writeBps)}, {"BlkioDeviceReadIOps", blockLimits("Rate", r.readIops)},
        {"BlkioDeviceWriteIOps", blockLimits("Rate", r.writeIops)},
        {"CpuPeriod", r.cpuPeriod}, {"CpuQuota", r.cpuQuota}, {"CpuRealtimePeriod", r.cpuRealtimePeriod},
        {"CpuRealtimeRuntime", r.cpuRealtimeRuntime}, {"CpusetCpus", r.cpusetCpus}, {"CpusetMems", r.cpusetMems},
        {"DeviceCgroupRules", orNull(r.deviceCgroupRules)}, {"MemoryReservation", r.memoryReservation},
        {"MemorySwap", r.memorySwap ? r.memorySwap : r.memory * 2},
        {"MemorySwappiness", r.memorySwappiness ? json(*r.memorySwappiness) : json()}, {"OomKillDisable", r.oomKillDisable},
        {"PidsLimit", r.pidsLimit ? json(r.pidsLimit) : json()}, {"OomScoreAdj", r.oomScoreAdj},
    };
}

json hostConfig(const Container& container) {
    const ContainerSpec& spec = container.spec;
    json out = resources(spec.resources);
    out.update({
        {"Binds", binds(spec)}, {"ContainerIDFile", ""},
        {"LogConfig", {{"Type", spec.logDriver.empty() ? "json-file" : spec.logDriver}, {"Config", spec.logOptions}}},
        {"NetworkMode", networkMode(container)}, {"PortBindings", wantedPorts(spec)},
        {"RestartPolicy", {{"Name", nameOf(spec.restart.condition)}, {"MaximumRetryCount", spec.restart.maximumRetries}}},
        {"AutoRemove", spec.autoRemove}, {"VolumeDriver", ""}, {"VolumesFrom", orNull(spec.volumesFrom)},
        {"Annotations", orNull(spec.annotations)}, {"CapAdd", orNull(spec.capAdd)}, {"CapDrop", orNull(spec.capDrop)},
        {"CgroupnsMode", spec.cgroupMode.empty() ? "private" : spec.cgroupMode}, {"Dns", spec.dns}, {"DnsOptions", spec.dnsOptions},
        {"DnsSearch", spec.dnsSearch}, {"ExtraHosts", orNull(spec.extraHosts)}, {"GroupAdd", orNull(spec.groupAdd)},
        {"IpcMode", spec.ipcMode.empty() ? "private" : spec.ipcMode}, {"Cgroup", ""}, {"Links", links(spec)},
        {"PidMode", spec.pidMode}, {"Privileged", spec.privileged}, {"PublishAllPorts", spec.publishAllPorts},
        {"ReadonlyRootfs", spec.readOnlyRootfs}, {"SecurityOpt", orNull(spec.securityOptions)}, {"UTSMode", spec.utsMode},
        {"UsernsMode", spec.usernsMode}, {"ShmSize", spec.shmSize ? spec.shmSize : 64 << 20}, {"Sysctls", orNull(spec.sysctls)},
        {"StorageOpt", orNull(spec.storageOptions)}, {"Tmpfs", orNull(tmpfs(spec))},
        {"Runtime", spec.runtime.empty() ? "devc" : spec.runtime}, {"CgroupParent", spec.cgroupParent}, {"Init", spec.init},
        {"Ulimits", ulimits(spec)}, {"Devices", deviceList(spec)}, {"DeviceRequests", deviceRequests(spec)}, {"MaskedPaths", json::array()}, {"ReadonlyPaths", json::array()},
    });
    if (!spec.privileged) {
        out["MaskedPaths"] = maskedPaths();
        out["ReadonlyPaths"] = readOnlyPaths();
    }
    return out;
}

json mounts(const Container& container, const std::map<std::string, Volume>& volumes) {
    json out = json::array();
    for (const MountSpec& mount : container.spec.mounts) {
        json entry = {{"Destination", mount.target}, {"Mode", mount.readOnly ? "ro" : "rw"}, {"RW", !mount.readOnly},
                      {"Source", mount.source}, {"Propagation", mount.propagation}};
        switch (mount.type) {
            case MountType::Bind:
                entry["Type"] = "bind";
                if (mount.propagation.empty()) entry["Propagation"] = "rprivate";
                break;
            case MountType::Volume: {
                auto volume = volumes.find(mount.source);
                entry["Type"] = "volume";
                entry["Name"] = mount.source;
                entry["Driver"] = "local";
                entry["Source"] = volume == volumes.end() ? "" : volume->second.mountpoint.string();
                break;
            }
            case MountType::Tmpfs: entry["Type"] = "tmpfs"; break;
            case MountType::Image: entry["Type"] = "image"; break;
        }
        out.push_back(std::move(entry));
    }
    return out;
}

json network(const EndpointInfo& endpoint, const Container& container) {
    std::vector<std::string> aliases = endpoint.aliases;
    json out = {
        {"IPAMConfig", nullptr}, {"Links", nullptr}, {"Aliases", orNull(aliases)}, {"NetworkID", endpoint.networkId},
        {"EndpointID", ""}, {"Gateway", endpoint.gateway4}, {"IPAddress", endpoint.ipv4}, {"IPPrefixLen", endpoint.prefix4},
        {"IPv6Gateway", endpoint.gateway6}, {"GlobalIPv6Address", endpoint.ipv6}, {"GlobalIPv6PrefixLen", endpoint.prefix6},
        {"MacAddress", endpoint.mac}, {"DriverOpts", nullptr}, {"DNSNames", nullptr},
    };
    for (const NetworkAttachment& attachment : container.spec.networks) {
        if (attachment.network != endpoint.networkName && attachment.network != endpoint.networkId) continue;
        json ipam = json::object();
        if (!attachment.ipv4.empty()) ipam["IPv4Address"] = attachment.ipv4;
        if (!attachment.ipv6.empty()) ipam["IPv6Address"] = attachment.ipv6;
        if (!ipam.empty()) out["IPAMConfig"] = ipam;
        if (!attachment.driverOptions.empty()) out["DriverOpts"] = attachment.driverOptions;
        json links = json::array();
        for (const NetworkLink& link : attachment.links) links.push_back(link.container + ":" + link.alias);
        out["Links"] = orNull(links);
    }
    return out;
}

json networkSettings(const Container& container) {
    json networks = json::object();
    for (const EndpointInfo& endpoint : container.endpoints) networks[endpoint.networkName] = network(endpoint, container);
    // The address of the default bridge also stands at the top, where old scripts look for it.
    auto onBridge = std::find_if(container.endpoints.begin(), container.endpoints.end(),
                                 [](const EndpointInfo& e) { return e.networkName == "bridge"; });
    EndpointInfo top = onBridge == container.endpoints.end() ? EndpointInfo{} : *onBridge;
    bool running = container.state.pid != 0;
    std::string key = running ? "/proc/" + std::to_string(container.state.pid) + "/ns/net" : "";
    return {
        {"Bridge", ""}, {"SandboxID", ""}, {"SandboxKey", key}, {"Ports", running ? publishedPorts(container) : json::object()},
        {"HairpinMode", false}, {"LinkLocalIPv6Address", ""}, {"LinkLocalIPv6PrefixLen", 0}, {"EndpointID", ""},
        {"Gateway", top.gateway4}, {"IPAddress", top.ipv4}, {"IPPrefixLen", top.prefix4}, {"IPv6Gateway", top.gateway6},
        {"GlobalIPv6Address", top.ipv6}, {"GlobalIPv6PrefixLen", top.prefix6}, {"MacAddress", top.mac}, {"Networks", networks},
    };
}

}  // namespace

json inspectContainer(const Host& host, const Container& container, const Image& image, const std::map<std::string, Volume>& volumes) {
    std::filesystem::path folder = host.containerDir(container.id);
    std::string etcOf = joinedContainer(container.spec.networkMode);
    std::filesystem::path etc = etcOf.empty() ? folder : host.containerDir(etcOf);
    const auto& arguments = container.arguments;
    json lowers = json::array();
    for (const std::string& chain : image.chainIds) lowers.push_back((host.layers() / chain).string());
    std::reverse(lowers.begin(), lowers.end());
    std::string joined;
    for (const auto& lower : lowers) joined += (joined.empty() ? "" : ":") + lower.get<std::string>();
    return {
        {"Id", container.id}, {"Created", container.created}, {"Path", arguments.empty() ? "" : arguments.front()},
        {"Args", arguments.empty() ? arguments : std::vector<std::string>(arguments.begin() + 1, arguments.end())},
        {"State", stateOf(container.state)}, {"Image", container.spec.imageId}, {"ResolvConfPath", (etc / "resolv.conf").string()},
        {"HostnamePath", (etc / "hostname").string()}, {"HostsPath", (etc / "hosts").string()}, {"LogPath", (folder / "log").string()},
        {"Name", "/" + container.name}, {"RestartCount", container.state.restartCount}, {"Driver", "overlay2"}, {"Platform", "linux"},
        {"MountLabel", ""}, {"ProcessLabel", ""}, {"AppArmorProfile", ""}, {"ExecIDs", nullptr}, {"HostConfig", hostConfig(container)},
        {"GraphDriver", {{"Name", "overlay2"}, {"Data", {{"LowerDir", joined}, {"UpperDir", (folder / "upper").string()},
                                                        {"WorkDir", (folder / "work").string()}}}}},
        {"Mounts", mounts(container, volumes)}, {"Config", config(container, image)},
        {"NetworkSettings", networkSettings(container)},
    };
}

json Containers::inspect(const std::string& nameOrId) const {
    Container container = find(nameOrId);
    // The image of an old container may be gone; what is known of the container is still worth showing.
    Image image = images_.find(container.spec.imageId).value_or(Image{});
    std::map<std::string, Volume> volumes;
    for (const MountSpec& mount : container.spec.mounts) {
        if (mount.type != MountType::Volume) continue;
        if (auto volume = volumes_.find(mount.source)) volumes[mount.source] = *volume;
    }
    return inspectContainer(host_, container, image, volumes);
}

}  // namespace devc::engine

#include "app/project/service_spec.h"

#include <charconv>
#include <cmath>
#include <filesystem>

#include "app/project/labels.h"
#include "compose/model/service_reference.h"
#include "engine/error.h"
#include "engine/linux/fd.h"
#include "engine/linux/plain_file.h"

namespace devc::app {
namespace {

using engine::Error;

std::string join(const compose::StringList& items, const char* separator) {
    std::string result;
    for (const std::string& item : items) {
        if (!result.empty()) result += separator;
        result += item;
    }
    return result;
}

std::string_view nameOf(compose::Condition condition) {
    switch (condition) {
        case compose::Condition::Healthy: return "service_healthy";
        case compose::Condition::CompletedSuccessfully: return "service_completed_successfully";
        case compose::Condition::Started: break;
    }
    return "service_started";
}

std::map<std::string, std::string> labelsOf(const compose::Project& project, const compose::Service& service) {
    std::map<std::string, std::string> labels = service.labels;
    compose::StringList dependencies;
    for (const auto& [name, dependency] : service.dependsOn)
        dependencies.push_back(fmt::format("{}:{}:{}", name, nameOf(dependency.condition), dependency.restart));
    labels[label::project] = project.name;
    labels[label::service] = service.name;
    labels[label::oneOff] = "False";
    labels[label::configHash] = service.configHash;
    labels[label::workingDir] = project.workingDir;
    labels[label::configFiles] = join(project.files, ",");
    labels[label::dependsOn] = join(dependencies, ",");
    labels[label::version] = DEVC_VERSION;
    return labels;
}

engine::HealthCheck healthOf(const compose::HealthCheck& check) {
    engine::HealthCheck result;
    if (check.disabled()) {
        result.test = {"NONE"};
        return result;
    }
    const auto span = [](const std::optional<compose::Duration>& value) {
        return engine::Nanoseconds(value ? value->nanoseconds : 0);
    };
    result.test = check.test;
    result.interval = span(check.interval);
    result.timeout = span(check.timeout);
    result.startPeriod = span(check.startPeriod);
    result.startInterval = span(check.startInterval);
    result.retries = static_cast<int>(check.retries.value_or(0));
    return result;
}

engine::MountSpec mountOf(const compose::Project& project, const compose::Mount& mount) {
    engine::MountSpec result;
    switch (mount.type) {
        case compose::MountType::Volume: result.type = engine::MountType::Volume; break;
        case compose::MountType::Bind: result.type = engine::MountType::Bind; break;
        case compose::MountType::Tmpfs: result.type = engine::MountType::Tmpfs; break;
        case compose::MountType::Image: result.type = engine::MountType::Image; break;
        case compose::MountType::NamedPipe:
        case compose::MountType::Cluster:
            throw Error::of("mount at {}: only volume, bind, tmpfs and image mounts exist on Linux without a cluster", mount.target);
    }
    result.source = mount.source;
    if (mount.type == compose::MountType::Volume && !mount.source.empty()) {
        const auto volume = project.volumes.find(mount.source);
        if (volume != project.volumes.end()) result.source = volume->second.name;
    }
    result.target = mount.target;
    result.readOnly = mount.readOnly;
    result.propagation = mount.bindPropagation;
    result.createHostPath = mount.createHostPath;
    result.recursive = mount.bindRecursive != "disabled";
    result.noCopy = mount.noCopy;
    result.subpath = mount.subpath;
    result.tmpfsSize = static_cast<std::uint64_t>(mount.tmpfsSize);
    result.tmpfsMode = mount.tmpfsMode.value_or(0);
    return result;
}

engine::MountSpec tmpfsOf(const std::string& text) {
    engine::MountSpec result;
    result.type = engine::MountType::Tmpfs;
    const std::size_t colon = text.find(':');
    result.target = text.substr(0, colon);
    if (colon != std::string::npos) result.options = text.substr(colon + 1);
    return result;
}

std::uint32_t numberOf(const std::string& text) {
    std::uint32_t result = 0;
    std::from_chars(text.data(), text.data() + text.size(), result);
    return result;
}

constexpr std::size_t largestFile = std::size_t{64} << 20;  ///< bytes of a config or secret

/// A config or secret becomes a file of the container, or a bind when its source is a folder.
void addFile(engine::ContainerSpec& spec, const compose::FileObject& object, const compose::FileReference& reference, bool secret) {
    const char* kind = secret ? "secret" : "config";
    if (object.external)
        throw Error::of("{} {}: external ones live in a cluster, which there is none of here", kind, object.name)
            .hint("give it `file:`, `environment:`" + std::string(secret ? "" : " or `content:`"));
    std::string target = reference.target.empty() ? reference.source : reference.target;
    if (target.front() != '/') target = (secret ? "/run/secrets/" : "/") + target;
    if (!object.file.empty() && std::filesystem::is_directory(object.file)) {
        engine::MountSpec mount;
        mount.type = engine::MountType::Bind;
        mount.source = object.file;
        mount.target = target;
        mount.readOnly = true;
        spec.mounts.push_back(mount);
        return;
    }
    engine::FileSpec file;
    file.target = target;
    file.secret = secret;
    file.uid = numberOf(reference.uid);
    file.gid = numberOf(reference.gid);
    file.mode = reference.mode.value_or(0444);
    if (object.content) file.content = *object.content;
    else if (!object.environment.empty()) {
        if (!object.environmentValue)
            throw Error::of("{} {}: environment variable {} is not set", kind, reference.source, object.environment);
        file.content = *object.environmentValue;
    } else {
        try {
            file.content = engine::readAtMost(object.file, largestFile);
        } catch (Error& error) {
            throw error.during("reading {} {} from {}", kind, reference.source, object.file);
        }
    }
    spec.files.push_back(std::move(file));
}

engine::PortBinding portOf(const compose::Port& port) {
    engine::PortBinding result;
    result.containerPort = port.target;
    result.protocol = port.protocol;
    result.hostIp = port.hostIp;
    result.hostPort = port.publishedFirst;
    result.hostPortEnd = port.publishedLast > port.publishedFirst ? port.publishedLast : std::uint16_t{0};
    return result;
}

std::string realNetwork(const compose::Project& project, const std::string& key) {
    const auto network = project.networks.find(key);
    return network == project.networks.end() ? key : network->second.name;
}

std::vector<engine::NetworkLink> linksOf(const compose::Project& project, const compose::Service& service, const std::string& separator) {
    std::vector<engine::NetworkLink> links;
    for (const std::string& text : service.links) {
        const std::size_t colon = text.find(':');
        const std::string target = text.substr(0, colon);
        links.push_back({firstContainerOf(project, target, separator), colon == std::string::npos ? target : text.substr(colon + 1)});
    }
    for (const std::string& text : service.externalLinks) {
        const std::size_t colon = text.find(':');
        const std::string target = text.substr(0, colon);
        links.push_back({target, colon == std::string::npos ? target : text.substr(colon + 1)});
    }
    return links;
}

void addNetworks(engine::ContainerSpec& spec, const compose::Project& project, const compose::Service& service, const std::string& separator) {
    if (service.networkMode == "none" || service.networkMode == "host") {
        spec.networkMode = service.networkMode;
        return;
    }
    if (const auto other = compose::referencedService(service.networkMode)) {
        spec.networkMode = "container:" + firstContainerOf(project, *other, separator);
        return;
    }
    if (service.networkMode.starts_with("container:")) {
        spec.networkMode = service.networkMode;
        return;
    }
    if (service.networkMode == "bridge") return;
    if (!service.networkMode.empty()) {
        engine::NetworkAttachment attachment;
        attachment.network = realNetwork(project, service.networkMode);
        attachment.aliases = {service.name};
        spec.networks.push_back(std::move(attachment));
        return;
    }
    const std::vector<engine::NetworkLink> links = linksOf(project, service, separator);
    for (const std::string& key : service.networksByPriority()) {
        const compose::NetworkAttachment& from = service.networks.at(key);
        engine::NetworkAttachment attachment;
        attachment.network = realNetwork(project, key);
        attachment.aliases = {service.name};
        attachment.aliases.insert(attachment.aliases.end(), from.aliases.begin(), from.aliases.end());
        attachment.links = links;
        attachment.replicas = project.name + "/" + service.name;
        attachment.ipv4 = from.ipv4Address;
        attachment.ipv6 = from.ipv6Address;
        attachment.mac = from.macAddress;
        attachment.priority = from.priority;
        attachment.gatewayPriority = from.gatewayPriority;
        attachment.interfaceName = from.interfaceName;
        attachment.linkLocalIps = from.linkLocalIps;
        attachment.driverOptions = from.driverOptions;
        spec.networks.push_back(std::move(attachment));
    }
}

/// "service:db" of pid, ipc, ... names the service's container.
std::string namespaceMode(const compose::Project& project, const std::string& mode, const std::string& separator) {
    const auto other = compose::referencedService(mode);
    return other ? "container:" + firstContainerOf(project, *other, separator) : mode;
}

std::vector<engine::BlockDeviceLimit> blockLimits(const std::vector<compose::BlockRate>& rates) {
    std::vector<engine::BlockDeviceLimit> limits;
    for (const compose::BlockRate& rate : rates) limits.push_back({rate.path, static_cast<std::uint64_t>(rate.rate)});
    return limits;
}

/// `gpus` are device requests with a capability that goes without saying.
void addDeviceRequests(engine::ContainerSpec& spec, const compose::Service& service) {
    const auto add = [&](const compose::DeviceRequest& request, bool gpu) {
        engine::DeviceRequest result{request.driver, request.count, request.deviceIds, request.capabilities, request.options};
        if (gpu && result.capabilities.empty()) result.capabilities = {"gpu"};
        if (result.count == 0 && result.ids.empty()) return;
        spec.deviceRequests.push_back(std::move(result));
    };
    for (const compose::DeviceRequest& request : service.gpus) add(request, true);
    if (service.deploy)
        for (const compose::DeviceRequest& request : service.deploy->reservations.devices) add(request, false);
}

void addResources(engine::Resources& resources, const compose::Service& service) {
    resources.memory = service.memoryLimit();
    resources.memoryReservation = service.memReservation;
    if (resources.memoryReservation == 0 && service.deploy) resources.memoryReservation = service.deploy->reservations.memory.value_or(0);
    resources.memorySwap = service.memSwapLimit;
    resources.nanoCpus = std::llround(service.cpuLimit() * 1e9);
    resources.cpuShares = service.cpuShares;
    resources.cpuQuota = service.cpuQuota;
    resources.cpuPeriod = service.cpuPeriod;
    resources.cpuRealtimePeriod = service.cpuRtPeriod;
    resources.cpuRealtimeRuntime = service.cpuRtRuntime;
    resources.cpusetCpus = service.cpuset;
    resources.pidsLimit = service.processLimit();
    if (service.memSwappiness) resources.memorySwappiness = static_cast<int>(*service.memSwappiness);
    resources.oomKillDisable = service.oomKillDisable;
    resources.oomScoreAdj = static_cast<int>(service.oomScoreAdj);
    if (service.blkio) {
        const compose::BlockIo& blocks = *service.blkio;
        resources.blkioWeight = blocks.weight;
        resources.blkioWeights = blockLimits(blocks.weightDevice);
        resources.readBps = blockLimits(blocks.readBps);
        resources.writeBps = blockLimits(blocks.writeBps);
        resources.readIops = blockLimits(blocks.readIops);
        resources.writeIops = blockLimits(blocks.writeIops);
    }
    resources.deviceCgroupRules = service.deviceCgroupRules;
}

void addVolumesFrom(engine::ContainerSpec& spec, const compose::Project& project, const compose::Service& service, const std::string& separator) {
    for (const std::string& text : service.volumesFrom) {
        if (text.starts_with("container:")) {
            spec.volumesFrom.push_back(text.substr(10));
            continue;
        }
        const std::size_t colon = text.find(':');
        std::string entry = firstContainerOf(project, text.substr(0, colon), separator);
        if (colon != std::string::npos) entry += text.substr(colon);
        spec.volumesFrom.push_back(std::move(entry));
    }
}

}  // namespace

engine::RestartPolicy parseRestart(std::string_view text) {
    using engine::RestartCondition;
    const std::size_t colon = text.find(':');
    const std::string name(text.substr(0, colon)), count(colon == std::string_view::npos ? "" : text.substr(colon + 1));
    engine::RestartPolicy policy;
    if (name == "always") policy.condition = RestartCondition::Always;
    else if (name == "unless-stopped") policy.condition = RestartCondition::UnlessStopped;
    else if (name == "on-failure") policy.condition = RestartCondition::OnFailure;
    else if (!name.empty() && name != "no") throw Error::of("invalid restart policy: unknown policy '{}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'", name);
    if (count.empty()) return policy;
    if (policy.condition != RestartCondition::OnFailure) throw Error("invalid restart policy: maximum retry count can only be used with 'on-failure'");
    if (count.size() > 9 || count.find_first_not_of("0123456789") != std::string::npos) throw Error("invalid restart policy format: maximum retry count must be an integer");
    policy.maximumRetries = std::atoi(count.c_str());
    return policy;
}

std::string firstContainerOf(const compose::Project& project, const std::string& service, const std::string& separator) {
    const auto found = project.services.find(service);
    if (found != project.services.end() && !found->second.containerName.empty()) return found->second.containerName;
    return project.name + separator + service + separator + "1";
}

engine::ContainerSpec specOf(const compose::Project& project, const compose::Service& service, const std::string& separator) {
    engine::ContainerSpec spec;
    spec.image = service.imageOr(project.name);
    spec.entrypoint = service.entrypoint;
    spec.command = service.command;
    for (const auto& [key, value] : service.environment)
        if (value) spec.environment.push_back(key + "=" + *value);
    spec.workingDir = service.workingDir;
    spec.user = service.user;
    spec.groupAdd = service.groupAdd;
    spec.hostname = service.hostname;
    spec.domainname = service.domainname;
    spec.labels = labelsOf(project, service);
    spec.annotations = service.annotations;
    spec.tty = service.tty;
    spec.openStdin = service.stdinOpen;
    spec.init = service.init.value_or(false);
    spec.privileged = service.privileged;
    spec.readOnlyRootfs = service.readOnly;
    spec.capAdd = service.capAdd;
    spec.capDrop = service.capDrop;
    spec.securityOptions = service.securityOpt;
    spec.sysctls = service.sysctls;
    for (const auto& [name, limit] : service.ulimits) spec.ulimits[name] = {limit.soft, limit.hard};
    for (const compose::Device& device : service.devices) spec.devices.push_back({device.source, device.target, device.permissions});
    addDeviceRequests(spec, service);
    spec.shmSize = service.shmSize;
    addNetworks(spec, project, service, separator);
    spec.macAddress = service.macAddress;
    spec.pidMode = namespaceMode(project, service.pid, separator);
    spec.ipcMode = namespaceMode(project, service.ipc, separator);
    spec.utsMode = service.uts;
    spec.usernsMode = service.usernsMode;
    spec.cgroupMode = service.cgroup;
    spec.cgroupParent = service.cgroupParent;
    spec.runtime = service.runtime;
    spec.platform = service.platform;
    spec.dns = service.dns;
    spec.dnsSearch = service.dnsSearch;
    spec.dnsOptions = service.dnsOptions;
    for (const compose::ExtraHost& host : service.extraHosts) spec.extraHosts.push_back(host.name + ":" + host.address);
    for (const compose::Port& port : service.ports) spec.ports.push_back(portOf(port));
    for (const std::string& port : service.expose) spec.exposed.push_back(port.find('/') == std::string::npos ? port + "/tcp" : port);
    for (const compose::Mount& mount : service.mounts) spec.mounts.push_back(mountOf(project, mount));
    for (const std::string& text : service.tmpfs) spec.mounts.push_back(tmpfsOf(text));
    for (const compose::FileReference& reference : service.configs) addFile(spec, project.configs.at(reference.source), reference, false);
    for (const compose::FileReference& reference : service.secrets) addFile(spec, project.secrets.at(reference.source), reference, true);
    addVolumesFrom(spec, project, service, separator);
    spec.stopSignal = service.stopSignal;
    if (service.stopGracePeriod) spec.stopTimeout = engine::Nanoseconds(service.stopGracePeriod->nanoseconds);
    if (service.healthcheck) spec.healthcheck = healthOf(*service.healthcheck);
    spec.restart = parseRestart(service.restartPolicy());
    if (service.logging) {
        spec.logDriver = service.logging->driver;
        spec.logOptions = service.logging->options;
    }
    spec.storageOptions = service.storageOpt;
    addResources(spec.resources, service);
    return spec;
}

engine::ContainerSpec preStartSpecOf(const compose::Project& project, const compose::Service& service, std::size_t index, const std::string& separator) {
    const compose::Hook& hook = service.preStart[index];
    const bool ownImage = !hook.image.empty() && hook.image != service.image;
    const engine::ContainerSpec whole = specOf(project, service, separator);
    engine::ContainerSpec spec;
    // It ends with no number, so it is the name of no service's container.
    spec.name = fmt::format("{}{}{}{}{}{}pre_start", project.name, separator, service.name, separator, index, separator);
    spec.image = ownImage ? hook.image : whole.image;
    if (!ownImage) spec.platform = whole.platform;
    if (!hook.command.empty()) spec.command = hook.command;
    spec.user = hook.user.empty() && !ownImage ? service.user : hook.user;
    spec.workingDir = hook.workingDir.empty() && !ownImage ? service.workingDir : hook.workingDir;
    compose::OptionalStringMap environment = service.environment;
    for (const auto& [key, value] : hook.environment) environment[key] = value;
    for (const auto& [key, value] : environment)
        if (value) spec.environment.push_back(key + "=" + *value);
    spec.privileged = hook.privileged;
    spec.networkMode = whole.networkMode;
    for (const engine::NetworkAttachment& network : whole.networks) {
        engine::NetworkAttachment attachment;
        attachment.network = network.network;
        attachment.priority = network.priority;
        attachment.gatewayPriority = network.gatewayPriority;
        attachment.driverOptions = network.driverOptions;
        spec.networks.push_back(std::move(attachment));
    }
    spec.files = whole.files;
    for (const char* key : {label::project, label::service, label::workingDir, label::configFiles, label::version}) spec.labels[key] = whole.labels.at(key);
    spec.labels[label::oneOff] = "True";
    spec.labels[label::preStart] = std::to_string(index);
    return spec;
}

}  // namespace devc::app

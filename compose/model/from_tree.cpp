#include "compose/model/from_tree.h"

#include "compose/model/reader.h"

namespace devc::compose {
namespace {

ExtraHost extraHost(const Node& node) {
    std::size_t equals = node.text.find('=');
    return {node.text.substr(0, equals), equals == std::string::npos ? std::string() : node.text.substr(equals + 1)};
}

FileReference fileReference(const Node& node) {
    return {read::text(node, "source"), read::text(node, "target"), read::text(node, "uid"), read::text(node, "gid"), read::octal(node, "mode")};
}

std::map<std::string, Ulimit> ulimits(const Node& node) {
    std::map<std::string, Ulimit> limits;
    const Node* found = node.find("ulimits");
    if (!found) return limits;
    for (const Entry& entry : found->entries) {
        const Node& limit = entry.value;
        limits[entry.key] = limit.isMap() ? Ulimit{read::number(limit, "soft"), read::number(limit, "hard")} : Ulimit{limit.integer, limit.integer};
    }
    return limits;
}

Build build(const Node& node) {
    Build build;
    build.context = read::text(node, "context");
    build.dockerfile = read::text(node, "dockerfile");
    build.dockerfileInline = read::text(node, "dockerfile_inline");
    build.args = read::optionalMap(node, "args");
    build.labels = read::map(node, "labels");
    build.additionalContexts = read::map(node, "additional_contexts");
    build.cacheFrom = read::list(node, "cache_from");
    build.cacheTo = read::list(node, "cache_to");
    build.ssh = read::list(node, "ssh");
    build.platforms = read::list(node, "platforms");
    build.tags = read::list(node, "tags");
    build.entitlements = read::list(node, "entitlements");
    build.target = read::text(node, "target");
    build.network = read::text(node, "network");
    build.isolation = read::text(node, "isolation");
    build.provenance = read::text(node, "provenance");
    build.sbom = read::text(node, "sbom");
    build.noCache = read::flag(node, "no_cache");
    build.noCacheFilter = read::list(node, "no_cache_filter");
    build.pull = read::flag(node, "pull");
    build.privileged = read::flag(node, "privileged");
    build.shmSize = read::bytes(node, "shm_size");
    build.ulimits = ulimits(node);
    build.extraHosts = read::each(node, "extra_hosts", extraHost);
    build.secrets = read::each(node, "secrets", fileReference);
    return build;
}

std::uint16_t portNumber(std::string_view text) {
    std::uint16_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

Port port(const Node& node) {
    Port port;
    port.target = read::number<std::uint16_t>(node, "target");
    std::string published = read::text(node, "published");
    std::size_t dash = published.find('-');
    port.publishedFirst = portNumber(published.substr(0, dash));
    port.publishedLast = dash == std::string::npos ? port.publishedFirst : portNumber(published.substr(dash + 1));
    port.hostIp = read::text(node, "host_ip");
    if (node.find("protocol")) port.protocol = read::text(node, "protocol");
    if (node.find("mode")) port.mode = read::text(node, "mode");
    port.name = read::text(node, "name");
    port.appProtocol = read::text(node, "app_protocol");
    return port;
}

MountType mountType(std::string_view name) {
    if (name == "bind") return MountType::Bind;
    if (name == "tmpfs") return MountType::Tmpfs;
    if (name == "image") return MountType::Image;
    if (name == "npipe") return MountType::NamedPipe;
    if (name == "cluster") return MountType::Cluster;
    return MountType::Volume;
}

Mount mount(const Node& node) {
    Mount mount;
    mount.type = mountType(node.textOf("type"));
    mount.source = read::text(node, "source");
    mount.target = read::text(node, "target");
    mount.readOnly = read::flag(node, "read_only");
    mount.consistency = read::text(node, "consistency");
    if (const Node* bind = node.find("bind")) {
        mount.bindPropagation = read::text(*bind, "propagation");
        mount.createHostPath = read::flag(*bind, "create_host_path", true);
        mount.selinux = read::text(*bind, "selinux");
        mount.bindRecursive = read::text(*bind, "recursive");
    }
    if (const Node* volume = node.find("volume")) {
        mount.noCopy = read::flag(*volume, "nocopy");
        mount.subpath = read::text(*volume, "subpath");
    }
    if (const Node* image = node.find("image")) mount.subpath = read::text(*image, "subpath");
    if (const Node* tmpfs = node.find("tmpfs")) {
        mount.tmpfsSize = read::bytes(*tmpfs, "size");
        mount.tmpfsMode = read::optionalNumber<std::uint32_t>(*tmpfs, "mode");
    }
    return mount;
}

DeviceRequest deviceRequest(const Node& node) {
    return {read::list(node, "capabilities"), read::text(node, "driver"), read::number(node, "count"), read::list(node, "device_ids"), read::map(node, "options")};
}

ResourceLimits resources(const Node* node) {
    if (!node) return {};
    return {read::optionalReal(*node, "cpus"), read::optionalBytes(*node, "memory"), read::optionalNumber(*node, "pids"),
            read::each(*node, "devices", deviceRequest), node->find("generic_resources") != nullptr};
}

UpdatePolicy updatePolicy(const Node& node) {
    UpdatePolicy policy;
    policy.parallelism = read::optionalNumber<std::uint64_t>(node, "parallelism");
    policy.delay = read::duration(node, "delay");
    policy.failureAction = read::text(node, "failure_action");
    policy.monitor = read::duration(node, "monitor");
    policy.maxFailureRatio = read::real(node, "max_failure_ratio");
    policy.order = read::text(node, "order");
    return policy;
}

Deploy deploy(const Node& node) {
    Deploy deploy;
    deploy.mode = read::text(node, "mode");
    deploy.replicas = read::optionalNumber<int>(node, "replicas");
    deploy.labels = read::map(node, "labels");
    deploy.endpointMode = read::text(node, "endpoint_mode");
    if (const Node* found = node.find("resources")) {
        deploy.limits = resources(found->find("limits"));
        deploy.reservations = resources(found->find("reservations"));
    }
    if (const Node* policy = node.find("restart_policy")) {
        deploy.restartPolicy = {read::text(*policy, "condition"), read::duration(*policy, "delay"),
                                read::optionalNumber<std::uint64_t>(*policy, "max_attempts"), read::duration(*policy, "window")};
    }
    if (const Node* policy = node.find("update_config")) deploy.updateConfig = updatePolicy(*policy);
    if (const Node* policy = node.find("rollback_config")) deploy.rollbackConfig = updatePolicy(*policy);
    deploy.placement = node.find("placement") != nullptr;
    return deploy;
}

HealthCheck healthCheck(const Node& node) {
    HealthCheck check;
    check.test = read::list(node, "test");
    check.disable = read::flag(node, "disable");
    check.interval = read::duration(node, "interval");
    check.timeout = read::duration(node, "timeout");
    check.startPeriod = read::duration(node, "start_period");
    check.startInterval = read::duration(node, "start_interval");
    check.retries = read::optionalNumber<std::uint64_t>(node, "retries");
    return check;
}

Dependency dependency(const Node& node) {
    Dependency dependency;
    std::string_view condition = node.textOf("condition");
    if (condition == "service_healthy") dependency.condition = Condition::Healthy;
    if (condition == "service_completed_successfully") dependency.condition = Condition::CompletedSuccessfully;
    dependency.restart = read::flag(node, "restart");
    dependency.required = read::flag(node, "required", true);
    return dependency;
}

NetworkAttachment attachment(const Node& node) {
    NetworkAttachment attachment;
    attachment.aliases = read::list(node, "aliases");
    attachment.ipv4Address = read::text(node, "ipv4_address");
    attachment.ipv6Address = read::text(node, "ipv6_address");
    attachment.linkLocalIps = read::list(node, "link_local_ips");
    attachment.macAddress = read::text(node, "mac_address");
    attachment.interfaceName = read::text(node, "interface_name");
    attachment.driverOptions = read::map(node, "driver_opts");
    attachment.priority = read::number<int>(node, "priority");
    attachment.gatewayPriority = read::number<int>(node, "gw_priority");
    return attachment;
}

Hook hook(const Node& node) {
    return {read::list(node, "command"), read::text(node, "user"), read::flag(node, "privileged"), read::text(node, "working_dir"), read::optionalMap(node, "environment"),
            read::text(node, "image"), read::flag(node, "per_replica")};
}

WatchRule watchRule(const Node& node) {
    WatchRule rule;
    rule.action = read::text(node, "action");
    rule.path = read::text(node, "path");
    rule.target = read::text(node, "target");
    rule.ignore = read::list(node, "ignore");
    rule.include = read::list(node, "include");
    rule.initialSync = read::flag(node, "initial_sync");
    if (const Node* exec = node.find("exec")) rule.exec = hook(*exec);
    return rule;
}

BlockIo blockIo(const Node& node) {
    auto rate = [](const Node& item) { return BlockRate{read::text(item, "path"), read::bytes(item, "rate")}; };
    auto weight = [](const Node& item) { return BlockRate{read::text(item, "path"), read::number(item, "weight")}; };
    BlockIo io;
    io.weight = read::number<std::uint16_t>(node, "weight");
    io.weightDevice = read::each(node, "weight_device", weight);
    io.readBps = read::each(node, "device_read_bps", rate);
    io.readIops = read::each(node, "device_read_iops", rate);
    io.writeBps = read::each(node, "device_write_bps", rate);
    io.writeIops = read::each(node, "device_write_iops", rate);
    return io;
}

std::optional<StringList> optionalList(const Node& node, std::string_view key) {
    const Node* found = node.find(key);
    return found && found->isList() ? std::optional<StringList>(read::list(*found)) : std::nullopt;
}

void readProcess(Service& service, const Node& node) {
    service.command = optionalList(node, "command");
    service.entrypoint = optionalList(node, "entrypoint");
    service.environment = read::optionalMap(node, "environment");
    service.workingDir = read::text(node, "working_dir");
    service.user = read::text(node, "user");
    service.groupAdd = read::list(node, "group_add");
    service.hostname = read::text(node, "hostname");
    service.domainname = read::text(node, "domainname");
    service.labels = read::map(node, "labels");
    service.annotations = read::map(node, "annotations");
    service.tty = read::flag(node, "tty");
    service.stdinOpen = read::flag(node, "stdin_open");
    service.init = read::optionalFlag(node, "init");
    service.attach = read::flag(node, "attach", true);
}

void readNetworking(Service& service, const Node& node) {
    service.ports = read::each(node, "ports", port);
    service.expose = read::list(node, "expose");
    service.networkMode = read::text(node, "network_mode");
    if (const Node* networks = node.find("networks")) {
        for (const Entry& entry : networks->entries) service.networks[entry.key] = attachment(entry.value);
    }
    service.dns = read::list(node, "dns");
    service.dnsSearch = read::list(node, "dns_search");
    service.dnsOptions = read::list(node, "dns_opt");
    service.extraHosts = read::each(node, "extra_hosts", extraHost);
    service.links = read::list(node, "links");
    service.externalLinks = read::list(node, "external_links");
    service.macAddress = read::text(node, "mac_address");
}

void readStorage(Service& service, const Node& node) {
    service.mounts = read::each(node, "volumes", mount);
    service.tmpfs = read::list(node, "tmpfs");
    service.volumesFrom = read::list(node, "volumes_from");
    service.configs = read::each(node, "configs", fileReference);
    service.secrets = read::each(node, "secrets", fileReference);
    service.devices = read::each(node, "devices", [](const Node& item) {
        Device device{read::text(item, "source"), read::text(item, "target"), read::text(item, "permissions")};
        if (device.permissions.empty()) device.permissions = "rwm";
        return device;
    });
    service.deviceCgroupRules = read::list(node, "device_cgroup_rules");
    service.gpus = read::each(node, "gpus", deviceRequest);
    service.storageOpt = read::map(node, "storage_opt");
}

void readLifecycle(Service& service, const Node& node) {
    if (const Node* all = node.find("depends_on")) {
        for (const Entry& entry : all->entries) service.dependsOn[entry.key] = dependency(entry.value);
    }
    if (const Node* check = node.find("healthcheck")) service.healthcheck = healthCheck(*check);
    service.restart = read::text(node, "restart");
    service.stopSignal = read::text(node, "stop_signal");
    service.stopGracePeriod = read::duration(node, "stop_grace_period");
    service.preStart = read::each(node, "pre_start", hook);
    service.postStart = read::each(node, "post_start", hook);
    service.preStop = read::each(node, "pre_stop", hook);
    service.scale = read::optionalNumber<int>(node, "scale");
    if (const Node* found = node.find("deploy")) service.deploy = deploy(*found);
    if (const Node* develop = node.find("develop")) service.watch = read::each(*develop, "watch", watchRule);
    if (const Node* logging = node.find("logging")) service.logging = Logging{read::text(*logging, "driver"), read::map(*logging, "options")};
}

void readSecurity(Service& service, const Node& node) {
    service.runtime = read::text(node, "runtime");
    service.isolation = read::text(node, "isolation");
    service.privileged = read::flag(node, "privileged");
    service.readOnly = read::flag(node, "read_only");
    service.capAdd = read::list(node, "cap_add");
    service.capDrop = read::list(node, "cap_drop");
    service.securityOpt = read::list(node, "security_opt");
    service.usernsMode = read::text(node, "userns_mode");
    service.pid = read::text(node, "pid");
    service.ipc = read::text(node, "ipc");
    service.uts = read::text(node, "uts");
    service.cgroup = read::text(node, "cgroup");
    service.cgroupParent = read::text(node, "cgroup_parent");
    service.sysctls = read::map(node, "sysctls");
    service.ulimits = ulimits(node);
    service.useApiSocket = read::flag(node, "use_api_socket");
    if (const Node* spec = node.find("credential_spec")) {
        service.credentialSpec = CredentialSpec{read::text(*spec, "config"), read::text(*spec, "file"), read::text(*spec, "registry")};
    }
}

void readResources(Service& service, const Node& node) {
    service.shmSize = read::bytes(node, "shm_size");
    service.cpuCount = read::number(node, "cpu_count");
    service.cpuPercent = read::real(node, "cpu_percent");
    service.cpuShares = read::number(node, "cpu_shares");
    service.cpuPeriod = read::number(node, "cpu_period");
    service.cpuQuota = read::number(node, "cpu_quota");
    service.cpuRtPeriod = read::number(node, "cpu_rt_period");
    service.cpuRtRuntime = read::number(node, "cpu_rt_runtime");
    service.cpus = read::real(node, "cpus");
    service.cpuset = read::text(node, "cpuset");
    service.memLimit = read::bytes(node, "mem_limit");
    service.memReservation = read::bytes(node, "mem_reservation");
    service.memSwapLimit = read::bytes(node, "memswap_limit");
    service.memSwappiness = read::optionalBytes(node, "mem_swappiness");
    service.oomKillDisable = read::flag(node, "oom_kill_disable");
    service.oomScoreAdj = read::number(node, "oom_score_adj");
    service.pidsLimit = read::number(node, "pids_limit");
    if (const Node* block = node.find("blkio_config")) service.blkio = blockIo(*block);
}

void readExtras(Service& service, const Node& node) {
    if (const Node* models = node.find("models")) {
        for (const Entry& entry : models->entries) {
            auto& binding = service.models[entry.key];
            if (entry.value.isMap()) binding = ModelBinding{read::text(entry.value, "endpoint_var"), read::text(entry.value, "model_var")};
        }
    }
    if (const Node* found = node.find("provider")) {
        service.provider = Provider{read::text(*found, "type"), {}};
        if (const Node* options = found->find("options")) {
            for (const Entry& entry : options->entries) service.provider->options[entry.key] = read::list(entry.value);
        }
    }
}

FileObject fileObject(const Project& project, const Node& node) {
    FileObject object;
    object.name = read::text(node, "name");
    object.external = read::flag(node, "external");
    object.file = read::text(node, "file");
    object.environment = read::text(node, "environment");
    auto value = project.environment.find(object.environment);
    if (!object.environment.empty() && value != project.environment.end()) object.environmentValue = value->second;
    if (node.find("content")) object.content = read::text(node, "content");
    object.labels = read::map(node, "labels");
    object.driver = read::text(node, "driver");
    object.driverOptions = read::map(node, "driver_opts");
    object.templateDriver = read::text(node, "template_driver");
    return object;
}

Network network(const Node& node) {
    Network network;
    network.name = read::text(node, "name");
    network.external = read::flag(node, "external");
    network.driver = read::text(node, "driver");
    network.driverOptions = read::map(node, "driver_opts");
    network.internal = read::flag(node, "internal");
    network.attachable = read::flag(node, "attachable");
    network.enableIpv4 = read::optionalFlag(node, "enable_ipv4");
    network.enableIpv6 = read::optionalFlag(node, "enable_ipv6");
    network.labels = read::map(node, "labels");
    if (const Node* ipam = node.find("ipam")) {
        network.ipamDriver = read::text(*ipam, "driver");
        network.ipamOptions = read::map(*ipam, "options");
        network.ipam = read::each(*ipam, "config", [](const Node& pool) {
            return IpamPool{read::text(pool, "subnet"), read::text(pool, "ip_range"), read::text(pool, "gateway"), read::map(pool, "aux_addresses")};
        });
    }
    return network;
}

}  // namespace

Service serviceFromTree(const std::string& name, const Node& node) {
    Service service;
    service.name = name;
    service.image = read::text(node, "image");
    if (const Node* found = node.find("build")) service.build = build(*found);
    service.pullPolicy = read::text(node, "pull_policy");
    service.platform = read::text(node, "platform");
    service.containerName = read::text(node, "container_name");
    service.profiles = read::list(node, "profiles");
    readProcess(service, node);
    readNetworking(service, node);
    readStorage(service, node);
    readLifecycle(service, node);
    readSecurity(service, node);
    readResources(service, node);
    readExtras(service, node);
    return service;
}

void resourcesFromTree(Project& project, const Node& document) {
    auto each = [&](std::string_view section, auto&& add) {
        if (const Node* found = document.find(section)) {
            for (const Entry& entry : found->entries) add(entry.key, entry.value);
        }
    };
    each("networks", [&](const std::string& key, const Node& node) { project.networks[key] = network(node); });
    each("volumes", [&](const std::string& key, const Node& node) {
        project.volumes[key] = Volume{read::text(node, "name"), read::flag(node, "external"), read::text(node, "driver"), read::map(node, "driver_opts"), read::map(node, "labels")};
    });
    each("configs", [&](const std::string& key, const Node& node) { project.configs[key] = fileObject(project, node); });
    each("secrets", [&](const std::string& key, const Node& node) { project.secrets[key] = fileObject(project, node); });
    each("models", [&](const std::string& key, const Node& node) {
        project.models[key] = Model{read::text(node, "name"), read::text(node, "model"), read::number(node, "context_size"), read::list(node, "runtime_flags")};
    });
}

}  // namespace devc::compose

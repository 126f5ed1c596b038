#include "engine/spec.h"

#include <type_traits>

#include <nlohmann/json.hpp>

namespace devc::engine {

namespace {

using nlohmann::json;

// The members of each type by name. Writing leaves out what has its default value; reading takes what is there.

template <typename Visit> void describe(Visit& visit, PortBinding*) {
    visit("containerPort", &PortBinding::containerPort);
    visit("protocol", &PortBinding::protocol);
    visit("hostIp", &PortBinding::hostIp);
    visit("hostPort", &PortBinding::hostPort);
    visit("hostPortEnd", &PortBinding::hostPortEnd);
}

template <typename Visit> void describe(Visit& visit, MountSpec*) {
    visit("type", &MountSpec::type);
    visit("source", &MountSpec::source);
    visit("target", &MountSpec::target);
    visit("readOnly", &MountSpec::readOnly);
    visit("propagation", &MountSpec::propagation);
    visit("createHostPath", &MountSpec::createHostPath);
    visit("recursive", &MountSpec::recursive);
    visit("noCopy", &MountSpec::noCopy);
    visit("subpath", &MountSpec::subpath);
    visit("tmpfsSize", &MountSpec::tmpfsSize);
    visit("tmpfsMode", &MountSpec::tmpfsMode);
    visit("options", &MountSpec::options);
    visit("volumeLabels", &MountSpec::volumeLabels);
}

template <typename Visit> void describe(Visit& visit, FileSpec*) {
    visit("target", &FileSpec::target);
    visit("content", &FileSpec::content);
    visit("uid", &FileSpec::uid);
    visit("gid", &FileSpec::gid);
    visit("mode", &FileSpec::mode);
    visit("secret", &FileSpec::secret);
}

template <typename Visit> void describe(Visit& visit, NetworkLink*) {
    visit("container", &NetworkLink::container);
    visit("alias", &NetworkLink::alias);
}

template <typename Visit> void describe(Visit& visit, NetworkAttachment*) {
    visit("network", &NetworkAttachment::network);
    visit("aliases", &NetworkAttachment::aliases);
    visit("links", &NetworkAttachment::links);
    visit("replicas", &NetworkAttachment::replicas);
    visit("ipv4", &NetworkAttachment::ipv4);
    visit("ipv6", &NetworkAttachment::ipv6);
    visit("mac", &NetworkAttachment::mac);
    visit("priority", &NetworkAttachment::priority);
    visit("gatewayPriority", &NetworkAttachment::gatewayPriority);
    visit("interfaceName", &NetworkAttachment::interfaceName);
    visit("linkLocalIps", &NetworkAttachment::linkLocalIps);
    visit("driverOptions", &NetworkAttachment::driverOptions);
}

template <typename Visit> void describe(Visit& visit, HealthCheck*) {
    visit("test", &HealthCheck::test);
    visit("interval", &HealthCheck::interval);
    visit("timeout", &HealthCheck::timeout);
    visit("startPeriod", &HealthCheck::startPeriod);
    visit("startInterval", &HealthCheck::startInterval);
    visit("retries", &HealthCheck::retries);
}

template <typename Visit> void describe(Visit& visit, RestartPolicy*) {
    visit("condition", &RestartPolicy::condition);
    visit("maximumRetries", &RestartPolicy::maximumRetries);
}

template <typename Visit> void describe(Visit& visit, Ulimit*) {
    visit("soft", &Ulimit::soft);
    visit("hard", &Ulimit::hard);
}

template <typename Visit> void describe(Visit& visit, DeviceSpec*) {
    visit("source", &DeviceSpec::source);
    visit("target", &DeviceSpec::target);
    visit("permissions", &DeviceSpec::permissions);
}

template <typename Visit> void describe(Visit& visit, DeviceRequest*) {
    visit("driver", &DeviceRequest::driver);
    visit("count", &DeviceRequest::count);
    visit("ids", &DeviceRequest::ids);
    visit("capabilities", &DeviceRequest::capabilities);
    visit("options", &DeviceRequest::options);
}

template <typename Visit> void describe(Visit& visit, BlockDeviceLimit*) {
    visit("path", &BlockDeviceLimit::path);
    visit("value", &BlockDeviceLimit::value);
}

template <typename Visit> void describe(Visit& visit, Resources*) {
    visit("memory", &Resources::memory);
    visit("memoryReservation", &Resources::memoryReservation);
    visit("memorySwap", &Resources::memorySwap);
    visit("nanoCpus", &Resources::nanoCpus);
    visit("cpuShares", &Resources::cpuShares);
    visit("cpuQuota", &Resources::cpuQuota);
    visit("cpuPeriod", &Resources::cpuPeriod);
    visit("cpuRealtimeRuntime", &Resources::cpuRealtimeRuntime);
    visit("cpuRealtimePeriod", &Resources::cpuRealtimePeriod);
    visit("cpusetCpus", &Resources::cpusetCpus);
    visit("cpusetMems", &Resources::cpusetMems);
    visit("pidsLimit", &Resources::pidsLimit);
    visit("memorySwappiness", &Resources::memorySwappiness);
    visit("oomKillDisable", &Resources::oomKillDisable);
    visit("oomScoreAdj", &Resources::oomScoreAdj);
    visit("blkioWeight", &Resources::blkioWeight);
    visit("blkioWeights", &Resources::blkioWeights);
    visit("readBps", &Resources::readBps);
    visit("writeBps", &Resources::writeBps);
    visit("readIops", &Resources::readIops);
    visit("writeIops", &Resources::writeIops);
    visit("deviceCgroupRules", &Resources::deviceCgroupRules);
}

template <typename Visit> void describe(Visit& visit, ContainerSpec*) {
    using Spec = ContainerSpec;
    visit("name", &Spec::name);
    visit("image", &Spec::image);
    visit("imageId", &Spec::imageId);
    visit("entrypoint", &Spec::entrypoint);
    visit("command", &Spec::command);
    visit("environment", &Spec::environment);
    visit("workingDir", &Spec::workingDir);
    visit("user", &Spec::user);
    visit("groupAdd", &Spec::groupAdd);
    visit("hostname", &Spec::hostname);
    visit("domainname", &Spec::domainname);
    visit("labels", &Spec::labels);
    visit("annotations", &Spec::annotations);
    visit("tty", &Spec::tty);
    visit("openStdin", &Spec::openStdin);
    visit("stdinOnce", &Spec::stdinOnce);
    visit("attachStdin", &Spec::attachStdin);
    visit("attachStdout", &Spec::attachStdout);
    visit("attachStderr", &Spec::attachStderr);
    visit("init", &Spec::init);
    visit("privileged", &Spec::privileged);
    visit("readOnlyRootfs", &Spec::readOnlyRootfs);
    visit("autoRemove", &Spec::autoRemove);
    visit("publishAllPorts", &Spec::publishAllPorts);
    visit("capAdd", &Spec::capAdd);
    visit("capDrop", &Spec::capDrop);
    visit("securityOptions", &Spec::securityOptions);
    visit("sysctls", &Spec::sysctls);
    visit("ulimits", &Spec::ulimits);
    visit("devices", &Spec::devices);
    visit("deviceRequests", &Spec::deviceRequests);
    visit("shmSize", &Spec::shmSize);
    visit("networkMode", &Spec::networkMode);
    visit("networks", &Spec::networks);
    visit("macAddress", &Spec::macAddress);
    visit("pidMode", &Spec::pidMode);
    visit("ipcMode", &Spec::ipcMode);
    visit("utsMode", &Spec::utsMode);
    visit("usernsMode", &Spec::usernsMode);
    visit("cgroupMode", &Spec::cgroupMode);
    visit("cgroupParent", &Spec::cgroupParent);
    visit("runtime", &Spec::runtime);
    visit("platform", &Spec::platform);
    visit("dns", &Spec::dns);
    visit("dnsSearch", &Spec::dnsSearch);
    visit("dnsOptions", &Spec::dnsOptions);
    visit("extraHosts", &Spec::extraHosts);
    visit("ports", &Spec::ports);
    visit("exposed", &Spec::exposed);
    visit("mounts", &Spec::mounts);
    visit("files", &Spec::files);
    visit("volumesFrom", &Spec::volumesFrom);
    visit("stopSignal", &Spec::stopSignal);
    visit("stopTimeout", &Spec::stopTimeout);
    visit("healthcheck", &Spec::healthcheck);
    visit("restart", &Spec::restart);
    visit("logDriver", &Spec::logDriver);
    visit("logOptions", &Spec::logOptions);
    visit("storageOptions", &Spec::storageOptions);
    visit("resources", &Spec::resources);
}

struct AnyVisit {
    template <typename Member> void operator()(const char*, Member) {}
};
template <typename T>
concept Described = requires(AnyVisit& visit, T* type) { describe(visit, type); };

template <typename T> json encode(const T& value);
template <typename T> json encode(const std::vector<T>& values);
template <typename T> json encode(const std::map<std::string, T>& values);
template <typename T> json encode(const std::optional<T>& value);

template <typename T> struct Writer {
    const T& object;
    json& out;
    const T defaults{};
    template <typename Member> void operator()(const char* name, Member T::*member) {
        if (!(object.*member == defaults.*member)) out[name] = encode(object.*member);
    }
};

template <typename T> json encode(const T& value) {
    if constexpr (Described<T>) {
        json out = json::object();
        Writer<T> writer{value, out};
        describe(writer, static_cast<T*>(nullptr));
        return out;
    } else if constexpr (std::is_same_v<T, Nanoseconds>) {
        return value.count();
    } else if constexpr (std::is_enum_v<T>) {
        return static_cast<int>(value);
    } else {
        return value;
    }
}
template <typename T> json encode(const std::vector<T>& values) {
    json out = json::array();
    for (const T& value : values) out.push_back(encode(value));
    return out;
}
template <typename T> json encode(const std::map<std::string, T>& values) {
    json out = json::object();
    for (const auto& [key, value] : values) out[key] = encode(value);
    return out;
}
template <typename T> json encode(const std::optional<T>& value) { return value ? encode(*value) : json(); }

template <typename T> void decode(const json& in, T& value);
template <typename T> void decode(const json& in, std::vector<T>& values);
template <typename T> void decode(const json& in, std::map<std::string, T>& values);
template <typename T> void decode(const json& in, std::optional<T>& value);

template <typename T> struct Reader {
    const json& in;
    T& object;
    template <typename Member> void operator()(const char* name, Member T::*member) {
        auto found = in.find(name);
        if (found != in.end()) decode(*found, object.*member);
    }
};

template <typename T> void decode(const json& in, T& value) {
    if constexpr (Described<T>) {
        Reader<T> reader{in, value};
        describe(reader, static_cast<T*>(nullptr));
    } else if constexpr (std::is_same_v<T, Nanoseconds>) {
        value = Nanoseconds(in.get<std::int64_t>());
    } else if constexpr (std::is_enum_v<T>) {
        value = static_cast<T>(in.get<int>());
    } else {
        in.get_to(value);
    }
}
template <typename T> void decode(const json& in, std::vector<T>& values) {
    values.clear();
    for (const auto& item : in) decode(item, values.emplace_back());
}
template <typename T> void decode(const json& in, std::map<std::string, T>& values) {
    values.clear();
    for (const auto& [key, item] : in.items()) decode(item, values[key]);
}
template <typename T> void decode(const json& in, std::optional<T>& value) {
    if (in.is_null()) value.reset();
    else decode(in, value.emplace());
}

}  // namespace

void to_json(json& out, const ContainerSpec& spec) { out = encode(spec); }
void from_json(const json& in, ContainerSpec& spec) {
    spec = ContainerSpec{};
    decode(in, spec);
}

}  // namespace devc::engine

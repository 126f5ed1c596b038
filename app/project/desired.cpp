#include "app/project/desired.h"

#include <nlohmann/json.hpp>

#include "app/project/labels.h"
#include "app/project/service_spec.h"
#include "compose/model/service_reference.h"
#include "engine/digest.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::Error;

/// Digest of what a network is made from, so that a changed definition is seen.
std::string hashOf(const engine::NetworkSpec& spec) {
    nlohmann::json pools = nlohmann::json::array();
    for (const engine::IpamPool& pool : spec.pools) pools.push_back({pool.subnet, pool.range, pool.gateway, pool.auxiliary});
    const nlohmann::json all = {spec.driver, spec.driverOptions, spec.labels, spec.internal, spec.attachable, spec.enableIpv4, spec.enableIpv6, pools};
    return engine::sha256Hex(all.dump());
}

DesiredNetwork networkOf(const compose::Project& project, const std::string& key, const compose::Network& network) {
    DesiredNetwork result;
    result.key = key;
    result.external = network.external;
    engine::NetworkSpec& spec = result.spec;
    spec.name = network.name;
    if (!network.driver.empty()) spec.driver = network.driver;
    spec.driverOptions = network.driverOptions;
    spec.labels = network.labels;
    spec.internal = network.internal;
    spec.attachable = network.attachable;
    spec.enableIpv4 = network.enableIpv4.value_or(true);
    spec.enableIpv6 = network.enableIpv6.value_or(false);
    for (const compose::IpamPool& pool : network.ipam) spec.pools.push_back({pool.subnet, pool.ipRange, pool.gateway, pool.auxAddresses});
    spec.group = project.name;
    const std::string hash = hashOf(spec);
    spec.labels[label::project] = project.name;
    spec.labels[label::network] = key;
    spec.labels[label::version] = DEVC_VERSION;
    spec.labels[label::configHash] = hash;
    return result;
}

DesiredVolume volumeOf(const compose::Project& project, const std::string& key, const compose::Volume& volume) {
    DesiredVolume result;
    result.key = key;
    result.external = volume.external;
    result.spec.name = volume.name;
    if (!volume.driver.empty()) result.spec.driver = volume.driver;
    result.spec.driverOptions = volume.driverOptions;
    result.spec.labels = volume.labels;
    result.spec.labels[label::project] = project.name;
    result.spec.labels[label::volume] = key;
    result.spec.labels[label::version] = DEVC_VERSION;
    return result;
}

std::set<std::string> sharedServices(const compose::Service& service) {
    std::set<std::string> result;
    for (const std::string* mode : {&service.networkMode, &service.pid, &service.ipc}) {
        if (auto shared = compose::referencedService(*mode)) result.insert(std::move(*shared));
    }
    for (const std::string& from : service.volumesFrom)
        if (!from.starts_with("container:")) result.insert(from.substr(0, from.find(':')));
    return result;
}

DesiredService serviceOf(const compose::Project& project, const compose::Service& service, const DesiredOptions& options,
                         const std::string& separator) {
    DesiredService result;
    result.name = service.name;
    result.image = service.imageOr(project.name);
    result.configHash = service.configHash;
    const auto scale = options.scale.find(service.name);
    result.replicas = service.provider ? 0 : scale == options.scale.end() ? service.replicas() : scale->second;
    result.selected = options.selected.empty() || options.selected.contains(service.name);
    result.containerName = service.containerName;
    result.dependsOn = service.dependsOn;
    result.shares = sharedServices(service);
    if (service.networkMode.empty())
        for (const auto& [key, attachment] : service.networks) result.networks.insert(key);
    else if (project.networks.contains(service.networkMode)) result.networks.insert(service.networkMode);
    result.preStart = !service.preStart.empty();
    result.healthcheck = !service.healthcheck || !service.healthcheck->disabled();
    try {
        result.spec = specOf(project, service, separator);
    } catch (Error& error) {
        throw error.during("service {}", service.name);
    }
    if (!result.containerName.empty() && result.replicas > 1)
        throw Error::of("service {} has the container name {}, so it cannot have {} containers", service.name, service.containerName, result.replicas)
            .hint("remove container_name or keep the scale at 1");
    return result;
}

}  // namespace

std::string DesiredProject::containerName(const DesiredService& service, int number) const {
    if (!service.containerName.empty()) return service.containerName;
    return fmt::format("{}{}{}{}{}", name, separator, service.name, separator, number);
}

DesiredProject desiredOf(const compose::Project& project, const DesiredOptions& options) {
    for (const auto& [name, count] : options.scale)
        if (!project.services.contains(name)) throw Error::of("no such service: {}", name);
    DesiredProject result;
    result.name = project.name;
    if (options.compatibility) result.separator = "_";
    for (const auto& [name, service] : project.services)
        result.services.emplace(name, serviceOf(project, service, options, result.separator));
    for (const auto& [key, network] : project.networks) result.networks.emplace(key, networkOf(project, key, network));
    for (const auto& [key, volume] : project.volumes) result.volumes.emplace(key, volumeOf(project, key, volume));
    for (const auto& [name, service] : project.disabledServices) result.known.insert(name);
    for (const auto& [name, service] : project.services) result.known.insert(name);
    return result;
}

}  // namespace devc::app

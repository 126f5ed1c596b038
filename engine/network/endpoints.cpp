#include <algorithm>
#include <set>

#include "engine/container/containers.h"
#include "engine/digest.h"
#include "engine/error.h"
#include "engine/launch/launch.h"
#include "engine/network/addresses.h"
#include "engine/network/endpoint_rules.h"
#include "engine/network/links.h"
#include "engine/network/network_options.h"
#include "engine/network/networks.h"

namespace devc::engine {

namespace {

std::map<std::string, Network> networksById(Database& database) {
    std::map<std::string, Network> result;
    for (Network& network : EndpointStore(database).networks()) result.emplace(network.id, network);
    return result;
}

unsigned prefixOf(const std::string& subnet) { return subnet.empty() ? 0 : Cidr::parse(subnet)->prefix; }

std::string freeInterface(const std::vector<Endpoint>& own) {
    for (unsigned number = 0;; ++number) {
        std::string name = fmt::format("eth{}", number);
        if (std::none_of(own.begin(), own.end(), [&](const Endpoint& e) { return e.interfaceName == name; })) return name;
    }
}

void checkFixed(const std::string& text, const std::string& subnet) {
    auto address = IpAddress::parse(text);
    if (!address) throw Error::of("invalid IP address: {}", text);
    auto network = Cidr::parse(subnet);
    if (!network || !isHostAddress(*network, *address))
        throw Error::of("invalid endpoint settings: no configured subnet contains IP address {}", text);
}

EndpointInfo infoOf(const Endpoint& endpoint, const Network& network) {
    return {.networkId = network.id, .networkName = network.spec.name, .bridge = network.bridge, .interfaceName = endpoint.interfaceName,
            .ipv4 = endpoint.ipv4, .ipv6 = endpoint.ipv6,
            .gateway4 = endpoint.ipv4.empty() || network.spec.internal ? "" : network.gateway4,
            .gateway6 = endpoint.ipv6.empty() || network.spec.internal ? "" : network.gateway6,
            .mac = endpoint.mac, .prefix4 = static_cast<int>(prefixOf(network.subnet4)), .prefix6 = static_cast<int>(prefixOf(network.subnet6)),
            .aliases = endpoint.aliases, .published = endpoint.active ? endpoint.published : std::vector<PortBinding>{}, .active = endpoint.active};
}

}  // namespace

void Networks::attach(const std::string& containerId, const std::string& containerName, const ContainerSpec& spec, const NetworkAttachment& attachment) {
    Network network = get(attachment.network);
    Database::Transaction transaction(database_);
    EndpointStore store(database_);
    std::vector<Endpoint> own = store.of(containerId);
    Endpoint endpoint;
    endpoint.networkId = network.id;
    endpoint.container = containerId;
    endpoint.containerName = containerName;
    endpoint.position = own.empty() ? 0 : own.back().position + 1;
    endpoint.interfaceName = attachment.interfaceName.empty() ? freeInterface(own) : attachment.interfaceName;
    endpoint.priority = attachment.priority;
    endpoint.gatewayPriority = attachment.gatewayPriority;
    endpoint.aliases = endpoint.names = attachment.aliases;
    endpoint.names.push_back(containerId.substr(0, 12));
    if (!spec.hostname.empty()) endpoint.names.push_back(spec.hostname);
    endpoint.linkLocalIps = attachment.linkLocalIps;
    endpoint.ports = spec.ports;
    for (const NetworkLink& link : attachment.links) endpoint.links.push_back(link.container);
    endpoint.replicas = attachment.replicas;
    endpoint.exposed = spec.exposed;
    endpoint.fixed4 = !attachment.ipv4.empty();
    endpoint.fixed6 = !attachment.ipv6.empty();
    endpoint.ipv4 = attachment.ipv4;
    endpoint.ipv6 = attachment.ipv6;
    if (endpoint.fixed4) checkFixed(endpoint.ipv4, network.subnet4);
    if (endpoint.fixed6) checkFixed(endpoint.ipv6, network.subnet6);
    leaseAddresses(endpoint, network, store.on(network.id));
    endpoint.mac = !attachment.mac.empty() ? attachment.mac : macFor(IpAddress::parse(endpoint.ipv4), containerId + network.id);
    store.save(endpoint);
    transaction.commit();
}

void Networks::detach(const std::string& containerId, const std::string& networkId) {
    Database::Lock lock(database_);
    EndpointStore(database_).erase(containerId, networkId);
}

void Networks::release(const std::string& containerId) {
    Database::Lock lock(database_);
    EndpointStore store(database_);
    for (const Endpoint& endpoint : store.of(containerId)) store.erase(containerId, endpoint.networkId);
}

std::vector<EndpointInfo> Networks::endpoints(const std::string& containerId) const {
    Database::Lock lock(database_);
    auto networks = networksById(database_);
    std::vector<EndpointInfo> result;
    for (const Endpoint& endpoint : EndpointStore(database_).of(containerId)) result.push_back(infoOf(endpoint, networks.at(endpoint.networkId)));
    return result;
}

std::map<std::string, std::vector<EndpointInfo>> Networks::allEndpoints() const {
    Database::Lock lock(database_);
    auto networks = networksById(database_);
    std::map<std::string, std::vector<EndpointInfo>> result;
    for (const Endpoint& endpoint : EndpointStore(database_).all()) result[endpoint.container].push_back(infoOf(endpoint, networks.at(endpoint.networkId)));
    return result;
}

std::vector<FirewallLink> Networks::links(const std::string& nameOrId) const {
    const Network network = get(nameOrId);
    Database::Lock lock(database_);
    return linksOn(network, EndpointStore(database_).on(network.id));
}

std::vector<EndpointPlan> Networks::plan(const std::string& containerId) const {
    Database::Lock lock(database_);
    auto networks = networksById(database_);
    std::vector<Endpoint> own = EndpointStore(database_).of(containerId);
    const Endpoint* gateway4 = gatewayEndpoint(own, networks, false);
    const Endpoint* gateway6 = gatewayEndpoint(own, networks, true);
    std::vector<EndpointPlan> plans;
    for (const Endpoint& endpoint : own) {
        const Network& network = networks.at(endpoint.networkId);
        EndpointPlan plan;
        plan.networkId = network.id;
        plan.networkName = network.spec.name;
        plan.bridge = network.bridge;
        plan.hostInterface = hostInterfaceOf(endpoint);
        plan.interfaceName = endpoint.interfaceName;
        plan.mac = endpoint.mac;
        if (!endpoint.ipv4.empty()) plan.ipv4 = fmt::format("{}/{}", endpoint.ipv4, prefixOf(network.subnet4));
        if (!endpoint.ipv6.empty()) plan.ipv6 = fmt::format("{}/{}", endpoint.ipv6, prefixOf(network.subnet6));
        if (&endpoint == gateway4) plan.gateway4 = network.gateway4;
        if (&endpoint == gateway6) plan.gateway6 = network.gateway6;
        plan.linkLocalIps = endpoint.linkLocalIps;
        plan.mtu = static_cast<int>(mtuOf(network));
        plan.isolated = !communicates(network);
        if (isMacvlan(network)) {
            plan.parent = parentOf(network);
            plan.mode = modeOf(network);
        }
        plans.push_back(std::move(plan));
    }
    return plans;
}

}  // namespace devc::engine

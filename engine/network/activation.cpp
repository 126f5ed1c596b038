#include <algorithm>
#include <set>

#include <unistd.h>

#include "engine/error.h"
#include "engine/launch/launch.h"
#include "engine/linux/conntrack.h"
#include "engine/linux/netlink.h"
#include "engine/linux/nftables.h"
#include "engine/network/bridges.h"
#include "engine/network/endpoint_rules.h"
#include "engine/network/idle_bridge.h"
#include "engine/network/liveness.h"
#include "engine/network/network_options.h"
#include "engine/network/networks.h"
#include "engine/network/veth.h"
#include "engine/network/port_reservation.h"
#include "engine/network/publication.h"

namespace devc::engine {

namespace {

/// An address that another live endpoint has: an error where it was asked for, another one where it was leased.
void settleAddresses(const EndpointStore& store, Endpoint& endpoint, const Network& network) {
    std::vector<Endpoint> others = store.on(network.id);
    for (const Endpoint& other : others) {
        if (!other.active || other.container == endpoint.container) continue;
        bool same4 = !endpoint.ipv4.empty() && other.ipv4 == endpoint.ipv4;
        bool same6 = !endpoint.ipv6.empty() && other.ipv6 == endpoint.ipv6;
        if ((same4 && endpoint.fixed4) || (same6 && endpoint.fixed6))
            throw Conflict("Address already in use").detail(fmt::format("{} has the address on network {}", other.containerName, network.spec.name));
        if (same4) endpoint.ipv4.clear();
        if (same6) endpoint.ipv6.clear();
    }
    leaseAddresses(endpoint, network, others);
}

/// Id of the network over which the container's ports are published; empty: there is none.
std::string publishingNetwork(std::vector<Endpoint> own, const NetworkMap& networks) {
    std::erase_if(own, [&](const Endpoint& endpoint) { return isMacvlan(networks.at(endpoint.networkId)); });
    const Endpoint* publisher = gatewayEndpoint(own, networks, false);
    if (!publisher) publisher = gatewayEndpoint(own, networks, true);
    return publisher ? publisher->networkId : std::string();
}

/// Who has published the port: sockets that are bound only are in no table of the kernel's.
const Endpoint* publisherOf(const PortBinding& wanted, const std::vector<Endpoint>& all) {
    for (const Endpoint& endpoint : all) {
        for (const PortBinding& taken : endpoint.published) {
            if (endpoint.active && taken.protocol == wanted.protocol && taken.hostPort == wanted.hostPort) return &endpoint;
        }
    }
    return nullptr;
}

std::vector<Fd> bindPorts(Endpoint& endpoint, const Network& network, const EndpointStore& store) {
    std::vector<Fd> sockets;
    endpoint.published.clear();
    for (const PortBinding& wanted : endpoint.ports) {
        PortBinding binding = wanted;
        if (binding.hostIp.empty()) binding.hostIp = optionOf(network, "com.docker.network.bridge.host_binding_ipv4");
        try {
            ReservedPort reserved = reservePort(binding, !endpoint.ipv6.empty());
            endpoint.published.push_back(reserved.binding);
            for (Fd& socket : reserved.sockets) sockets.push_back(std::move(socket));
        } catch (Conflict& error) {
            std::vector<Endpoint> all = store.all();
            const Endpoint* publisher = publisherOf(binding, all);
            if (publisher) error.detail(fmt::format("container {} has published {} port {}", publisher->containerName, binding.protocol, binding.hostPort));
            throw;
        }
    }
    return sockets;
}

/// UDP ports of the host that lead to the endpoint.
void addUdpPorts(std::set<std::uint16_t>& ports, const Endpoint& endpoint) {
    for (const PortBinding& binding : endpoint.published) {
        if (binding.protocol == "udp") ports.insert(binding.hostPort);
    }
}

/// After endpoints of the networks have ended. Returns the bridge that was retired, empty if none was.
std::string settle(const Host& host, const EndpointStore& store, const std::set<std::string>& touched, nft::Nftables& firewall) {
    if (touched.empty()) return {};
    publishState(host, store, touched, firewall);
    NetworkMap networks = networkMap(store);
    for (const std::string& id : touched) {
        const Network& network = networks.at(id);
        // The default network is never removed by the user: its bridge lasts as long as somebody uses it. No other is retired.
        if (network.spec.name != "bridge") continue;
        std::vector<Endpoint> rest = store.on(id);
        if (std::any_of(rest.begin(), rest.end(), [](const Endpoint& e) { return e.active; })) return {};
        retireBridge(network);
        return network.bridge;
    }
    return {};
}

/// Whether this process settles what is left for a monitor, which removes the retired bridge when all are answered.
bool isReaperOf(const Host& host, const std::vector<std::string>& containerIds) {
    return containerIds.size() == 1 && readState(host, containerIds.front()).monitorPid == ::getppid();
}

}  // namespace

std::map<std::string, std::vector<Fd>> Networks::activate(const std::vector<std::string>& containerIds) {
    Database::Transaction transaction(database_);
    EndpointStore store(database_);
    NetworkMap networks = networkMap(store);
    std::map<std::string, std::vector<Fd>> sockets;
    std::set<std::string> raised, touched = endDead(host_, store, store.all());
    std::set<std::uint16_t> udpPorts;
    BridgeClaim claim(host_, store);
    for (const std::string& container : containerIds) {
        for (const Endpoint& endpoint : store.of(container)) {
            if (raised.insert(endpoint.networkId).second) claim.settle(networks.at(endpoint.networkId));
        }
    }
    for (const std::string& container : containerIds) {
        std::vector<Endpoint> own = store.of(container);
        const std::string publisher = publishingNetwork(own, networks);
        auto& held = sockets[container];
        for (Endpoint& endpoint : own) {
            const Network& network = networks.at(endpoint.networkId);
            settleAddresses(store, endpoint, network);
            endpoint.published.clear();
            if (network.id == publisher) held = bindPorts(endpoint, network, store);
            addUdpPorts(udpPorts, endpoint);
            activateBy(host_, endpoint);
            store.save(endpoint);
        }
    }
    touched.insert(raised.begin(), raised.end());
    for (const std::string& id : raised) claim.raise(networks.at(id));
    publishState(host_, store, touched, firewall());
    forgetUdpFlows(udpPorts);
    for (const std::string& id : raised) routeLocalhostTo(networks.at(id));
    transaction.commit();
    claim.keep();
    return sockets;
}

void Networks::deactivate(const std::vector<std::string>& containerIds) {
    Database::Transaction transaction(database_);
    EndpointStore store(database_);
    std::set<std::string> touched;
    std::set<std::uint16_t> udpPorts;
    for (const std::string& container : containerIds) {
        for (Endpoint& endpoint : store.of(container)) {
            if (!endpoint.active) continue;
            addUdpPorts(udpPorts, endpoint);
            endpoint.active = false;
            endpoint.published.clear();
            store.save(endpoint);
            touched.insert(endpoint.networkId);
        }
    }
    const std::string retired = settle(host_, store, touched, firewall());
    forgetUdpFlows(udpPorts);
    transaction.commit();
    if (!retired.empty()) removeRetired(retired);
}

void Networks::ended(const std::vector<std::string>& containerIds) {
    if (containerIds.empty()) return;
    Database::Transaction transaction(database_);
    EndpointStore store(database_);
    std::vector<Endpoint> endpoints;
    std::set<std::uint16_t> udpPorts;
    for (const std::string& id : containerIds) {
        for (Endpoint& endpoint : store.of(id)) {
            if (endpoint.active) addUdpPorts(udpPorts, endpoint);
            endpoints.push_back(std::move(endpoint));
        }
    }
    const std::set<std::string> touched = endDead(host_, store, std::move(endpoints));
    const std::string retired = settle(host_, store, touched, firewall());
    if (!touched.empty()) forgetUdpFlows(udpPorts);
    transaction.commit();
    if (!retired.empty() && !isReaperOf(host_, containerIds)) removeRetired(retired);
}

void Networks::plug(const std::string& containerId, const std::string& networkId, int networkNamespace) {
    Database::Transaction transaction(database_);
    EndpointStore store(database_);
    NetworkMap networks = networkMap(store);
    BridgeClaim claim(host_, store);
    claim.settle(networks.at(networkId));
    for (Endpoint& endpoint : store.of(containerId)) {
        if (endpoint.networkId != networkId || endpoint.active) continue;
        settleAddresses(store, endpoint, networks.at(networkId));
        activateBy(host_, endpoint);
        store.save(endpoint);
    }
    claim.raise(networks.at(networkId));
    publishState(host_, store, {networkId}, firewall());
    for (const EndpointPlan& plan : this->plan(containerId)) {
        if (plan.networkId == networkId) addInterface(networkNamespace, vethOf(plan));
    }
    transaction.commit();
    claim.keep();
}

void Networks::unplug(const std::string& containerId, const std::string& networkId, int networkNamespace) {
    Database::Transaction transaction(database_);
    EndpointStore store(database_);
    std::string unplugged;  // name of the interface inside
    for (Endpoint& endpoint : store.of(containerId)) {
        if (endpoint.networkId != networkId) continue;
        unplugged = endpoint.interfaceName;
        Netlink().removeLink(hostInterfaceOf(endpoint));
        endpoint.active = false;
        endpoint.published.clear();
        store.save(endpoint);
    }
    publishState(host_, store, {networkId}, firewall());
    NetworkMap networks = networkMap(store);
    std::vector<Endpoint> rest = store.of(containerId);
    std::erase_if(rest, [&](const Endpoint& e) { return e.networkId == networkId || !e.active; });
    Netlink inside = Netlink::in(networkNamespace);
    if (isMacvlan(networks.at(networkId)) && !unplugged.empty()) inside.removeLink(unplugged);
    if (auto* next = gatewayEndpoint(rest, networks, false)) inside.replaceDefaultRoute(networks.at(next->networkId).gateway4);
    if (auto* next = gatewayEndpoint(rest, networks, true)) inside.replaceDefaultRoute(networks.at(next->networkId).gateway6);
    transaction.commit();
}

void Networks::renamed(const std::string& containerId) {
    Database::Transaction transaction(database_);
    EndpointStore store(database_);
    std::set<std::string> touched;
    for (const Endpoint& endpoint : store.of(containerId)) {
        if (endpoint.active) touched.insert(endpoint.networkId);
    }
    if (touched.empty()) return;
    publishState(host_, store, touched, firewall());
    transaction.commit();
}

}  // namespace devc::engine

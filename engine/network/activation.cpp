#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <set>
#include <unistd.h>

#include "engine/error.h"
#include "engine/launch/launch.h"
#include "engine/linux/netlink.h"
#include "engine/network/endpoint_rules.h"
#include "engine/network/liveness.h"
#include "engine/network/network_options.h"
#include "engine/network/networks.h"
#include "engine/network/veth.h"
#include "engine/network/port_reservation.h"
#include "engine/network/publication.h"

namespace devc::engine {

namespace {

/// A value of /proc/sys. Where it may not be written (a host that forbids it) the value there is kept.
void setKernelValue(const std::string& path, std::string_view value) {
    Fd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!file) return;
    char now = 0;
    if (::pread(file.get(), &now, 1, 0) == 1 && value == std::string_view(&now, 1)) return;
    // At the beginning: what is written behind it the kernel ignores.
    (void)!::pwrite(file.get(), value.data(), value.size(), 0);
}

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

/// After endpoints of the networks have ended.
void settle(const Host& host, const EndpointStore& store, const std::set<std::string>& touched) {
    if (touched.empty()) return;
    publishState(host, store, touched);
    NetworkMap networks = networkMap(store);
    for (const std::string& id : touched) {
        std::vector<Endpoint> rest = store.on(id);
        bool alive = std::any_of(rest.begin(), rest.end(), [](const Endpoint& e) { return e.active; });
        // The default network is never removed by the user: its bridge lasts as long as somebody uses it.
        if (!alive && networks.at(id).spec.name == "bridge") Netlink().removeLink(networks.at(id).bridge);
    }
}

}  // namespace

void raiseBridge(const Network& network) {
    std::vector<std::string> addresses;
    auto add = [&](const std::string& gateway, const std::string& subnet) {
        if (!gateway.empty()) addresses.push_back(gateway + subnet.substr(subnet.find('/')));
    };
    add(network.gateway4, network.subnet4);
    add(network.gateway6, network.subnet6);
    Netlink().ensureBridge(network.bridge, addresses, mtuOf(network));
    setKernelValue("/proc/sys/net/ipv4/ip_forward", "1");
    if (!network.subnet6.empty()) setKernelValue("/proc/sys/net/ipv6/conf/all/forwarding", "1");
}

std::map<std::string, std::vector<Fd>> Networks::activate(const std::vector<std::string>& containerIds) {
    Database::Transaction transaction(database_);
    EndpointStore store(database_);
    NetworkMap networks = networkMap(store);
    std::map<std::string, std::vector<Fd>> sockets;
    std::set<std::string> raised, touched = endDead(host_, store, store.all());
    for (const std::string& container : containerIds) {
        std::vector<Endpoint> own = store.of(container);
        const Endpoint* publisher = gatewayEndpoint(own, networks, false);
        if (!publisher) publisher = gatewayEndpoint(own, networks, true);
        auto& held = sockets[container];
        for (Endpoint& endpoint : own) {
            const Network& network = networks.at(endpoint.networkId);
            settleAddresses(store, endpoint, network);
            endpoint.published.clear();
            if (&endpoint == publisher) held = bindPorts(endpoint, network, store);
            activateBy(endpoint);
            store.save(endpoint);
            raised.insert(network.id);
        }
    }
    touched.insert(raised.begin(), raised.end());
    for (const std::string& id : raised) raiseBridge(networks.at(id));
    publishState(host_, store, touched);
    // Only now, behind the rules that keep containers out of the host's 127.0.0.0/8.
    for (const std::string& id : raised) setKernelValue("/proc/sys/net/ipv4/conf/" + networks.at(id).bridge + "/route_localnet", "1");
    transaction.commit();
    return sockets;
}

void Networks::deactivate(const std::vector<std::string>& containerIds) {
    Database::Transaction transaction(database_);
    EndpointStore store(database_);
    std::set<std::string> touched;
    for (const std::string& container : containerIds) {
        for (Endpoint& endpoint : store.of(container)) {
            if (!endpoint.active) continue;
            endpoint.active = false;
            endpoint.published.clear();
            store.save(endpoint);
            touched.insert(endpoint.networkId);
        }
    }
    settle(host_, store, touched);
    transaction.commit();
}

void Networks::ended(const std::vector<std::string>& containerIds) {
    if (containerIds.empty()) return;
    Database::Transaction transaction(database_);
    EndpointStore store(database_);
    std::vector<Endpoint> endpoints;
    for (const std::string& id : containerIds) {
        for (Endpoint& endpoint : store.of(id)) endpoints.push_back(std::move(endpoint));
    }
    settle(host_, store, endDead(host_, store, std::move(endpoints)));
    transaction.commit();
}

void Networks::plug(const std::string& containerId, const std::string& networkId, int pid) {
    Database::Transaction transaction(database_);
    EndpointStore store(database_);
    NetworkMap networks = networkMap(store);
    for (Endpoint& endpoint : store.of(containerId)) {
        if (endpoint.networkId != networkId || endpoint.active) continue;
        settleAddresses(store, endpoint, networks.at(networkId));
        activateBy(endpoint);
        store.save(endpoint);
    }
    raiseBridge(networks.at(networkId));
    publishState(host_, store, {networkId});
    for (const EndpointPlan& plan : this->plan(containerId)) {
        if (plan.networkId == networkId) addInterface(networkNamespaceOf(pid).get(), vethOf(plan));
    }
    transaction.commit();
}

void Networks::unplug(const std::string& containerId, const std::string& networkId, int pid) {
    Database::Transaction transaction(database_);
    EndpointStore store(database_);
    for (Endpoint& endpoint : store.of(containerId)) {
        if (endpoint.networkId != networkId) continue;
        Netlink().removeLink(hostInterfaceOf(endpoint));
        endpoint.active = false;
        endpoint.published.clear();
        store.save(endpoint);
    }
    publishState(host_, store, {networkId});
    NetworkMap networks = networkMap(store);
    std::vector<Endpoint> rest = store.of(containerId);
    std::erase_if(rest, [&](const Endpoint& e) { return e.networkId == networkId || !e.active; });
    Netlink inside = Netlink::in(networkNamespaceOf(pid).get());
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
    publishState(host_, store, touched);
    transaction.commit();
}

}  // namespace devc::engine

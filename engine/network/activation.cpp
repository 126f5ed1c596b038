#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <set>
#include <unistd.h>

#include "engine/digest.h"
#include "engine/error.h"
#include "engine/launch/launch.h"
#include "engine/linux/netlink.h"
#include "engine/network/endpoint_rules.h"
#include "engine/network/firewall.h"
#include "engine/network/name_table.h"
#include "engine/network/network_options.h"
#include "engine/network/networks.h"
#include "engine/network/port_reservation.h"

namespace devc::engine {

namespace {

using NetworkMap = std::map<std::string, Network>;

NetworkMap networkMap(const EndpointStore& store) {
    NetworkMap result;
    for (Network& network : store.networks()) result.emplace(network.id, network);
    return result;
}

std::string groupOf(const Network& network) { return network.spec.group.empty() ? "network " + network.id : network.spec.group; }
std::string tablePrefix(const Host& host) { return "devc-" + host.tag() + "-"; }
std::string tableOf(const Host& host, const std::string& group) { return tablePrefix(host) + sha256Hex(group).substr(0, 12); }

/// A value of /proc/sys. Where it may not be written (a host that forbids it) the value there is kept.
void setKernelValue(const std::string& path, std::string_view value) {
    Fd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!file) return;
    char now = 0;
    if (::read(file.get(), &now, 1) == 1 && value == std::string_view(&now, 1)) return;
    writeAll(file.get(), value);
}

FirewallNetwork firewallNetwork(const Network& network) {
    FirewallNetwork result{.bridge = network.bridge, .subnets = {}, .internal = network.spec.internal,
                           .communicates = communicates(network), .masquerades = masquerades(network)};
    for (const std::string& text : {network.subnet4, network.subnet6}) {
        if (auto subnet = Cidr::parse(text)) result.subnets.push_back(*subnet);
    }
    return result;
}

nft::Protocol protocolOf(const std::string& name) {
    return name == "udp" ? nft::Protocol::Udp : name == "sctp" ? nft::Protocol::Sctp : nft::Protocol::Tcp;
}

void addPorts(std::vector<FirewallPort>& ports, const Endpoint& endpoint) {
    for (const PortBinding& binding : endpoint.published) {
        auto hostIp = IpAddress::parse(binding.hostIp);
        bool any = !hostIp || hostIp->isAny();
        for (const std::string& text : {endpoint.ipv4, endpoint.ipv6}) {
            auto target = IpAddress::parse(text);
            if (!target || (hostIp && hostIp->isV6() != target->isV6())) continue;
            ports.push_back({protocolOf(binding.protocol), any ? std::nullopt : hostIp, binding.hostPort, *target, binding.containerPort});
        }
    }
}

/// Tables of the groups as the database has them; groups without life are absent.
void applyFirewall(const Host& host, const std::set<std::string>& groups, const NetworkMap& networks, const std::vector<Endpoint>& all) {
    std::map<std::string, std::map<std::string, FirewallNetwork>> alive;
    std::map<std::string, std::vector<FirewallPort>> ports;
    for (const Endpoint& endpoint : all) {
        if (!endpoint.active) continue;
        const Network& network = networks.at(endpoint.networkId);
        std::string group = groupOf(network);
        if (!groups.contains(group)) continue;
        alive[group].emplace(network.id, firewallNetwork(network));
        addPorts(ports[group], endpoint);
    }
    std::vector<nft::Table> present;
    std::vector<std::string> absent;
    for (const std::string& group : groups) {
        std::vector<FirewallNetwork> members;
        for (auto& [id, member] : alive[group]) members.push_back(member);
        if (members.empty()) absent.push_back(tableOf(host, group));
        else present.push_back(firewallTable(tableOf(host, group), members, ports[group]));
    }
    nft::Nftables().replace(present, absent);
}

/// Other programs' chains that drop what they do not know (dockerd, ufw) let devc's bridges through while there are any.
void openForeignChains(const Host& host, bool open) {
    nft::Nftables nftables;
    std::vector<nft::ForeignChain> chains = nftables.foreignChains("devc-");
    std::string mark = "devc-" + host.tag();
    for (const nft::ForeignChain& chain : chains) {
        bool dockersHook = chain.name == "DOCKER-USER";
        bool hookElsewhere = std::any_of(chains.begin(), chains.end(), [&](const nft::ForeignChain& other) {
            return other.family == chain.family && other.table == chain.table && other.name == "DOCKER-USER";
        });
        if (!dockersHook && !(chain.forwardHook && chain.drops && !hookElsewhere)) continue;
        auto ours = nftables.markedRules(chain, mark);
        if (open && ours.empty()) nftables.insertMarked(chain, acceptBridges(bridgePrefix), mark);
        if (!open && !ours.empty()) nftables.removeRules(chain, ours);
    }
}

void writeNames(const Host& host, const Network& network, const std::vector<Endpoint>& all) {
    NameTable table{network.spec.name, {}};
    for (const Endpoint& endpoint : all) {
        if (endpoint.active && endpoint.networkId == network.id)
            table.entries.push_back({endpoint.container, endpoint.ipv4, endpoint.ipv6, endpoint.containerName, endpoint.names});
    }
    std::filesystem::path folder = host.networkRunDir(network.id);
    std::filesystem::create_directories(folder);
    writeFileAtomically((folder / "names").string(), encodeNameTable(table), 0600);
}

/// Rules and names of everything that the networks touch.
void publishState(const Host& host, const EndpointStore& store, const std::set<std::string>& networkIds) {
    NetworkMap networks = networkMap(store);
    std::vector<Endpoint> all = store.all();
    std::set<std::string> groups;
    for (const std::string& id : networkIds) {
        auto found = networks.find(id);
        if (found == networks.end()) continue;
        groups.insert(groupOf(found->second));
        writeNames(host, found->second, all);
    }
    if (groups.empty()) return;
    applyFirewall(host, groups, networks, all);
    bool anyAlive = std::any_of(all.begin(), all.end(), [](const Endpoint& e) { return e.active; });
    openForeignChains(host, anyAlive);
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

std::vector<Fd> bindPorts(Endpoint& endpoint, const Network& network) {
    std::vector<Fd> sockets;
    endpoint.published.clear();
    for (const PortBinding& wanted : endpoint.ports) {
        PortBinding binding = wanted;
        if (binding.hostIp.empty()) binding.hostIp = optionOf(network, "com.docker.network.bridge.host_binding_ipv4");
        ReservedPort reserved = reservePort(binding, !endpoint.ipv6.empty());
        endpoint.published.push_back(reserved.binding);
        for (Fd& socket : reserved.sockets) sockets.push_back(std::move(socket));
    }
    return sockets;
}

VethSpec vethOf(const EndpointPlan& plan) {
    VethSpec veth{.hostName = plan.hostInterface, .bridge = plan.bridge, .name = plan.interfaceName, .mac = plan.mac, .addresses = {},
                  .gateway4 = plan.gateway4, .gateway6 = plan.gateway6, .mtu = static_cast<unsigned>(plan.mtu)};
    for (const std::string& address : {plan.ipv4, plan.ipv6}) {
        if (!address.empty()) veth.addresses.push_back(address);
    }
    for (const std::string& address : plan.linkLocalIps) veth.addresses.push_back(address + (address.find(':') == std::string::npos ? "/16" : "/64"));
    return veth;
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
    std::set<std::string> touched;
    for (const std::string& container : containerIds) {
        std::vector<Endpoint> own = store.of(container);
        const Endpoint* publisher = gatewayEndpoint(own, networks, false);
        if (!publisher) publisher = gatewayEndpoint(own, networks, true);
        auto& held = sockets[container];
        for (Endpoint& endpoint : own) {
            const Network& network = networks.at(endpoint.networkId);
            settleAddresses(store, endpoint, network);
            endpoint.published.clear();
            if (&endpoint == publisher) held = bindPorts(endpoint, network);
            endpoint.active = true;
            store.save(endpoint);
            touched.insert(network.id);
        }
    }
    if (touched.empty()) return sockets;
    for (const std::string& id : touched) raiseBridge(networks.at(id));
    publishState(host_, store, touched);
    // Only now, behind the rules that keep containers out of the host's 127.0.0.0/8.
    for (const std::string& id : touched) setKernelValue("/proc/sys/net/ipv4/conf/" + networks.at(id).bridge + "/route_localnet", "1");
    transaction.commit();
    return sockets;
}

void Networks::deactivate(const std::vector<std::string>& containerIds) {
    Database::Transaction transaction(database_);
    EndpointStore store(database_);
    std::set<std::string> touched;
    Netlink links;
    for (const std::string& container : containerIds) {
        for (Endpoint& endpoint : store.of(container)) {
            if (!endpoint.active) continue;
            endpoint.active = false;
            endpoint.published.clear();
            store.save(endpoint);
            touched.insert(endpoint.networkId);
        }
    }
    if (touched.empty()) return;
    publishState(host_, store, touched);
    NetworkMap networks = networkMap(store);
    for (const std::string& id : touched) {
        std::vector<Endpoint> rest = store.on(id);
        bool alive = std::any_of(rest.begin(), rest.end(), [](const Endpoint& e) { return e.active; });
        // The default network is never removed by the user: its bridge lasts as long as somebody uses it.
        if (!alive && networks.at(id).spec.name == "bridge") links.removeLink(networks.at(id).bridge);
    }
    transaction.commit();
}

void Networks::plug(const std::string& containerId, const std::string& networkId, int pid) {
    Database::Transaction transaction(database_);
    EndpointStore store(database_);
    NetworkMap networks = networkMap(store);
    for (Endpoint& endpoint : store.of(containerId)) {
        if (endpoint.networkId != networkId || endpoint.active) continue;
        settleAddresses(store, endpoint, networks.at(networkId));
        endpoint.active = true;
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
    NetworkMap networks = networkMap(store);
    std::vector<Endpoint> all = store.all();
    for (const Endpoint& endpoint : store.of(containerId)) {
        if (endpoint.active) writeNames(host_, networks.at(endpoint.networkId), all);
    }
    transaction.commit();
}

}  // namespace devc::engine

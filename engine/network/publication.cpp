#include "engine/network/publication.h"

#include <algorithm>
#include <filesystem>

#include "engine/digest.h"
#include "engine/linux/fd.h"
#include "engine/network/bridges.h"
#include "engine/network/firewall.h"
#include "engine/network/links.h"
#include "engine/network/name_table.h"
#include "engine/network/network_options.h"

namespace devc::engine {

namespace {

std::string groupOf(const Network& network) { return network.spec.group.empty() ? "network " + network.id : network.spec.group; }
std::string tablePrefix(const Host& host) { return "devc-" + host.tag() + "-"; }
std::string tableOf(const Host& host, const std::string& group) { return tablePrefix(host) + sha256Hex(group).substr(0, 12); }

void addPorts(std::vector<FirewallPort>& ports, const Endpoint& endpoint) {
    for (const PortBinding& binding : endpoint.published) {
        auto hostIp = IpAddress::parse(binding.hostIp);
        bool any = !hostIp || hostIp->isAny();
        for (const std::string& text : {endpoint.ipv4, endpoint.ipv6}) {
            auto target = IpAddress::parse(text);
            if (!target || (hostIp && hostIp->isV6() != target->isV6())) continue;
            ports.push_back({nft::protocolOf(binding.protocol), any ? std::nullopt : hostIp, binding.hostPort, *target, binding.containerPort});
        }
    }
}

/// Tables of ours but those.
std::vector<std::string> tablesBut(const std::set<std::string>& known, const Host& host, nft::Nftables& nftables) {
    std::vector<std::string> names = nftables.tableNames();
    std::erase_if(names, [&](const std::string& name) { return !name.starts_with(tablePrefix(host)) || known.contains(name); });
    return names;
}

/// Tables of ours that no network has any more: of a command that was killed.
std::vector<std::string> abandonedTables(nft::Nftables& nftables, const Host& host, const NetworkMap& networks) {
    std::set<std::string> known;
    for (const auto& [id, network] : networks) known.insert(tableOf(host, groupOf(network)));
    return tablesBut(known, host, nftables);
}

/// Where containers are kept apart, their links: what they open is known only from all endpoints of the network.
FirewallNetwork withLinks(const Network& network, const std::vector<Endpoint>& all) {
    FirewallNetwork result = firewallNetwork(network);
    if (result.communicates) return result;
    std::vector<Endpoint> own;
    for (const Endpoint& endpoint : all) {
        if (endpoint.networkId == network.id) own.push_back(endpoint);
    }
    result.links = linksOn(network, own);
    return result;
}

/// Tables of the groups as the database has them; groups without life are absent.
void applyFirewall(const Host& host, const std::set<std::string>& groups, const NetworkMap& networks, const std::vector<Endpoint>& all,
                   nft::Nftables& nftables) {
    std::map<std::string, std::map<std::string, FirewallNetwork>> alive;
    std::map<std::string, std::vector<FirewallPort>> ports;
    for (const Endpoint& endpoint : all) {
        if (!endpoint.active) continue;
        const Network& network = networks.at(endpoint.networkId);
        std::string group = groupOf(network);
        if (!groups.contains(group) || isMacvlan(network)) continue;  // a macvlan passes the host's rules by
        if (!alive[group].contains(network.id)) alive[group].emplace(network.id, withLinks(network, all));
        addPorts(ports[group], endpoint);
    }
    std::vector<nft::Table> present;
    std::vector<std::string> absent = abandonedTables(nftables, host, networks);
    for (const std::string& group : groups) {
        std::vector<FirewallNetwork> members;
        for (auto& [id, member] : alive[group]) members.push_back(member);
        if (members.empty()) absent.push_back(tableOf(host, group));
        else present.push_back(firewallTable(tableOf(host, group), members, ports[group]));
    }
    nftables.replace(present, absent);
    for (const auto& [group, members] : alive) {
        for (const auto& [id, member] : members) routeLinks(member);
    }
}

/// Other programs' chains that drop what they do not know (dockerd, ufw) let devc's bridges through while there are any.
void openForeignChains(const Host& host, bool open, nft::Nftables& nftables) {
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
    writeNameTable(host.networkRunDir(network.id).parent_path(), network.id, table);
}

}  // namespace

NetworkMap networkMap(const EndpointStore& store) {
    NetworkMap result;
    for (Network& network : store.networks()) result.emplace(network.id, network);
    return result;
}

FirewallNetwork firewallNetwork(const Network& network) {
    FirewallNetwork result{.bridge = network.bridge, .subnets = {}, .internal = network.spec.internal,
                           .communicates = communicates(network), .masquerades = masquerades(network) && !isMacvlan(network)};
    for (const std::string& text : {network.subnet4, network.subnet6}) {
        if (auto subnet = Cidr::parse(text)) result.subnets.push_back(*subnet);
    }
    return result;
}

std::vector<std::string> strayTables(const Host& host, const EndpointStore& store, nft::Nftables& firewall) {
    const NetworkMap networks = networkMap(store);
    std::set<std::string> known;
    for (const Endpoint& endpoint : store.all())
        if (endpoint.active) known.insert(tableOf(host, groupOf(networks.at(endpoint.networkId))));
    return tablesBut(known, host, firewall);
}

void publishState(const Host& host, const EndpointStore& store, const std::set<std::string>& networkIds, nft::Nftables& firewall) {
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
    applyFirewall(host, groups, networks, all, firewall);
    bool anyAlive = std::any_of(all.begin(), all.end(), [](const Endpoint& e) { return e.active; });
    openForeignChains(host, anyAlive, firewall);
}

}  // namespace devc::engine

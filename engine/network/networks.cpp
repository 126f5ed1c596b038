#include "engine/network/networks.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/digest.h"
#include "engine/error.h"
#include "engine/linux/netlink.h"
#include "engine/linux/nftables.h"
#include "engine/network/bridges.h"
#include "engine/network/endpoint_store.h"
#include "engine/network/idle_bridge.h"
#include "engine/network/liveness.h"
#include "engine/network/network_options.h"
#include "engine/network/publication.h"
#include "engine/network/subnets.h"
#include "engine/timestamp.h"

namespace devc::engine {

using nlohmann::json;

namespace {

constexpr const char* defaultName = "bridge";

/// "host" and "none" have no record: nothing of them is kept.
Network fixedNetwork(const std::string& name) {
    Network network{.id = sha256Hex("devc network " + name), .spec = {}, .created = "0001-01-01T00:00:00Z", .bridge = {}, .subnet4 = {}, .gateway4 = {}, .subnet6 = {}, .gateway6 = {}};
    network.spec.name = name;
    network.spec.driver = name == "none" ? "null" : name;
    return network;
}

bool isPredefined(const std::string& name) { return name == defaultName || name == "host" || name == "none"; }

void checkMacvlan(const Network& network) {
    const std::string parent = parentOf(network), mode = modeOf(network);
    if (parent.empty())
        throw Error::of("network {}: the driver macvlan needs to know an interface of the host", network.spec.name).hint("set the driver option parent, as in parent=eth0");
    if (!Netlink().link(parent))
        throw Error::of("network {}: there is no network interface {} on this machine", network.spec.name, parent).hint("an interface of a VLAN has to be made first: ip link add link eth0 name eth0.50 type vlan id 50");
    if (!isMacvlanMode(mode)) throw Error::of("network {}: macvlan_mode is bridge, private, vepa or passthru, not {}", network.spec.name, mode);
}

Network makeRecord(EndpointStore& store, const NetworkSpec& spec) {
    std::vector<Network> existing = store.networks();
    for (const Network& other : existing) {
        if (other.spec.name == spec.name) throw Conflict(fmt::format("network with name {} already exists", spec.name));
    }
    if (spec.driver != "bridge" && spec.driver != "macvlan")
        throw Error::of("plugin \"{}\" not found", spec.driver).hint("devc's networks have the driver bridge or macvlan");
    Network network{.id = randomHex(32), .spec = spec, .created = timestampNow(), .bridge = {}, .subnet4 = {}, .gateway4 = {}, .subnet6 = {}, .gateway6 = {}};
    std::vector<Cidr> used = subnetsOf(existing), onHost = hostSubnets();
    if (isMacvlan(network)) checkMacvlan(network);
    else network.bridge = bridgePrefix + network.id.substr(0, 12);
    // A macvlan's subnet is that of the parent's segment.
    if (!isMacvlan(network) || spec.pools.empty()) used.insert(used.end(), onHost.begin(), onHost.end());
    chooseSubnets(network, used);
    store.insertNetwork(network);
    return network;
}

json ipamOf(const Network& network) {
    json configuration = json::array();
    for (auto& [subnet, gateway] : {std::pair(network.subnet4, network.gateway4), std::pair(network.subnet6, network.gateway6)}) {
        if (subnet.empty()) continue;
        json entry{{"Subnet", subnet}, {"Gateway", gateway}};
        for (const IpamPool& pool : network.spec.pools) {
            auto parsed = Cidr::parse(pool.subnet);
            if (!parsed || parsed->text() != subnet) continue;
            if (!pool.range.empty()) entry["IPRange"] = pool.range;
            if (!pool.auxiliary.empty()) entry["AuxiliaryAddresses"] = pool.auxiliary;
        }
        configuration.push_back(entry);
    }
    return {{"Driver", "default"}, {"Options", nullptr}, {"Config", configuration}};
}

std::string withPrefix(const std::string& address, const std::string& subnet) {
    return address.empty() ? "" : address + subnet.substr(subnet.find('/'));
}

}  // namespace

Networks::Networks(const Host& host, Database& database) : host_(host), database_(database) {}
Networks::~Networks() = default;

nft::Nftables& Networks::firewall() {
    if (!firewall_) firewall_ = std::make_unique<nft::Nftables>();
    return *firewall_;
}

Network Networks::create(const NetworkSpec& spec) {
    if (isPredefined(spec.name)) throw Conflict(fmt::format("operation is not permitted on predefined {} network", spec.name));
    if (spec.name.empty() || spec.name.find_first_of("/ \t\n") != std::string::npos) throw Error::of("invalid network name: '{}'", spec.name);
    EndpointStore store(database_);
    Network network;
    {
        Database::Transaction transaction(database_);
        network = makeRecord(store, spec);
        transaction.commit();
    }
    if (!isMacvlan(network)) raiseBridgeOf(network);
    return find(network.id).value_or(network);  // its subnet may be another
}

/// Only behind the record: of a command that is killed between the two a record is left that is removed like any other,
/// and whose bridge is made when something starts; a bridge without a record nobody would know.
void Networks::raiseBridgeOf(const Network& network) {
    EndpointStore store(database_);
    try {
        Database::Transaction transaction(database_);
        auto kept = find(network.id);  // not removed meanwhile, and not while this lasts
        if (!kept) return;
        BridgeClaim claim(host_, store);
        claim.settle(*kept);
        claim.raise(*kept);
        transaction.commit();
        claim.keep();
    } catch (...) {
        Database::Transaction transaction(database_);
        store.eraseNetwork(network.id);
        transaction.commit();
        throw;
    }
}

Network Networks::defaultBridge() {
    Database::Transaction transaction(database_);
    EndpointStore store(database_);
    for (Network& network : store.networks()) {
        if (network.spec.name == defaultName) return network;
    }
    NetworkSpec spec;
    spec.name = defaultName;
    Network network = makeRecord(store, spec);
    transaction.commit();
    return network;
}

void Networks::removeRetiredBridge() const {
    if (const auto network = find(defaultName)) removeRetired(network->bridge);
}

std::vector<Network> Networks::list() const {
    Database::Lock lock(database_);
    std::vector<Network> networks = EndpointStore(database_).networks();
    bool hasDefault = std::any_of(networks.begin(), networks.end(), [](const Network& n) { return n.spec.name == defaultName; });
    if (!hasDefault) networks.push_back(const_cast<Networks*>(this)->defaultBridge());
    networks.push_back(fixedNetwork("host"));
    networks.push_back(fixedNetwork("none"));
    std::sort(networks.begin(), networks.end(), [](const Network& a, const Network& b) { return a.spec.name < b.spec.name; });
    return networks;
}

std::optional<Network> Networks::find(const std::string& nameOrId) const {
    if (nameOrId.empty()) return {};
    if (nameOrId == "host" || nameOrId == "none") return fixedNetwork(nameOrId);
    Database::Lock lock(database_);
    std::vector<Network> networks = EndpointStore(database_).networks();
    std::optional<Network> byPrefix;
    for (Network& network : networks) {
        if (network.id == nameOrId || network.spec.name == nameOrId) return network;
    }
    for (Network& network : networks) {
        if (!network.id.starts_with(nameOrId)) continue;
        if (byPrefix) throw Error::of("network {} is ambiguous (2 matches found based on ID prefix)", nameOrId);
        byPrefix = network;
    }
    return byPrefix;
}

Network Networks::get(const std::string& nameOrId) const {
    if (nameOrId == defaultName) return const_cast<Networks*>(this)->defaultBridge();
    auto network = find(nameOrId);
    if (!network) throw NotFound(fmt::format("network {} not found", nameOrId));
    return *network;
}

void Networks::remove(const std::string& nameOrId) {
    Database::Transaction transaction(database_);
    Network network = get(nameOrId);
    if (isPredefined(network.spec.name)) throw Conflict(fmt::format("{} is a pre-defined network and cannot be removed", network.spec.name));
    EndpointStore store(database_);
    publishState(host_, store, endDead(host_, store, store.all()), firewall());
    for (const Endpoint& endpoint : store.on(network.id)) {
        if (endpoint.active)
            throw Conflict(fmt::format("error while removing network: network {} id {} has active endpoints", network.spec.name, network.id))
                .detail("it is in use by container " + endpoint.containerName);
    }
    store.eraseNetwork(network.id);
    if (!isMacvlan(network)) Netlink().removeLink(network.bridge);
    std::error_code ignored;
    std::filesystem::remove_all(host_.networkRunDir(network.id), ignored);
    transaction.commit();
}

std::vector<std::string> Networks::unused() const {
    std::vector<std::string> names;
    Database::Lock lock(database_);
    EndpointStore store(database_);
    for (const Network& network : store.networks())
        if (!isPredefined(network.spec.name) && store.on(network.id).empty()) names.push_back(network.spec.name);
    return names;
}

bool Networks::removeUnused(const std::string& id) {
    Database::Transaction transaction(database_);
    if (!find(id) || !EndpointStore(database_).on(id).empty()) return false;
    remove(id);
    transaction.commit();
    return true;
}

json Networks::inspect(const std::string& nameOrId) const {
    Network network = get(nameOrId);
    Database::Lock lock(database_);
    json containers = json::object();
    for (const Endpoint& endpoint : EndpointStore(database_).on(network.id)) {
        if (!endpoint.active) continue;
        containers[endpoint.container] = {{"Name", endpoint.containerName},
                                          {"EndpointID", sha256Hex(network.id + endpoint.container)},
                                          {"MacAddress", endpoint.mac},
                                          {"IPv4Address", withPrefix(endpoint.ipv4, network.subnet4)},
                                          {"IPv6Address", withPrefix(endpoint.ipv6, network.subnet6)}};
    }
    const NetworkSpec& spec = network.spec;
    return {{"Name", spec.name}, {"Id", network.id}, {"Created", network.created}, {"Scope", "local"}, {"Driver", spec.driver},
            {"EnableIPv4", spec.enableIpv4}, {"EnableIPv6", spec.enableIpv6}, {"IPAM", ipamOf(network)},
            {"Internal", spec.internal}, {"Attachable", spec.attachable}, {"Ingress", false},
            {"ConfigFrom", {{"Network", ""}}}, {"ConfigOnly", false}, {"Containers", containers},
            {"Options", spec.driverOptions}, {"Labels", spec.labels}};
}

}  // namespace devc::engine

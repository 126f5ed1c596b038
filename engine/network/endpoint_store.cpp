#include "engine/network/endpoint_store.h"

#include <nlohmann/json.hpp>

#include "engine/linux/fd.h"

namespace devc::engine {

using nlohmann::json;

namespace {

json encodePort(const PortBinding& port) {
    return {{"port", port.containerPort}, {"protocol", port.protocol}, {"ip", port.hostIp}, {"host", port.hostPort}, {"end", port.hostPortEnd}};
}

std::vector<PortBinding> decodePorts(const json& ports) {
    std::vector<PortBinding> result;
    for (const json& port : ports) {
        PortBinding binding;
        port.at("port").get_to(binding.containerPort);
        port.at("protocol").get_to(binding.protocol);
        port.at("ip").get_to(binding.hostIp);
        port.at("host").get_to(binding.hostPort);
        port.at("end").get_to(binding.hostPortEnd);
        result.push_back(std::move(binding));
    }
    return result;
}

json encodePorts(const std::vector<PortBinding>& ports) {
    json result = json::array();
    for (const PortBinding& port : ports) result.push_back(encodePort(port));
    return result;
}

std::string encodeNetwork(const Network& network) {
    const NetworkSpec& spec = network.spec;
    json pools = json::array();
    for (const IpamPool& pool : spec.pools)
        pools.push_back({{"subnet", pool.subnet}, {"range", pool.range}, {"gateway", pool.gateway}, {"auxiliary", pool.auxiliary}});
    return json{{"driver", spec.driver}, {"options", spec.driverOptions}, {"labels", spec.labels}, {"internal", spec.internal},
                {"attachable", spec.attachable}, {"ipv4", spec.enableIpv4}, {"ipv6", spec.enableIpv6}, {"pools", pools},
                {"bridge", network.bridge}, {"subnet4", network.subnet4}, {"gateway4", network.gateway4},
                {"subnet6", network.subnet6}, {"gateway6", network.gateway6}}.dump();
}

Network decodeNetwork(const Statement& row) {
    json data = json::parse(row.text(4));
    Network network{.id = row.text(0), .spec = {}, .created = row.text(2), .bridge = {}, .subnet4 = {}, .gateway4 = {}, .subnet6 = {}, .gateway6 = {}};
    network.spec.name = row.text(1);
    network.spec.group = row.text(3);
    data.at("driver").get_to(network.spec.driver);
    data.at("options").get_to(network.spec.driverOptions);
    data.at("labels").get_to(network.spec.labels);
    data.at("internal").get_to(network.spec.internal);
    data.at("attachable").get_to(network.spec.attachable);
    data.at("ipv4").get_to(network.spec.enableIpv4);
    data.at("ipv6").get_to(network.spec.enableIpv6);
    for (const json& pool : data.at("pools"))
        network.spec.pools.push_back({pool.at("subnet"), pool.at("range"), pool.at("gateway"), pool.at("auxiliary")});
    data.at("bridge").get_to(network.bridge);
    data.at("subnet4").get_to(network.subnet4);
    data.at("gateway4").get_to(network.gateway4);
    data.at("subnet6").get_to(network.subnet6);
    data.at("gateway6").get_to(network.gateway6);
    return network;
}

}  // namespace

EndpointStore::EndpointStore(Database& database) : database_(database), boot_(readFile("/proc/sys/kernel/random/boot_id")) {}

void EndpointStore::insertNetwork(const Network& network) {
    database_.prepare("INSERT INTO networks(id, name, created, owner, spec) VALUES(?,?,?,?,?)")
        .bind(network.id).bind(network.spec.name).bind(network.created).bind(network.spec.group).bind(encodeNetwork(network)).run();
}

void EndpointStore::updateNetwork(const Network& network) {
    database_.prepare("UPDATE networks SET spec = ? WHERE id = ?").bind(encodeNetwork(network)).bind(network.id).run();
}

void EndpointStore::eraseNetwork(const std::string& id) { database_.prepare("DELETE FROM networks WHERE id = ?").bind(id).run(); }

std::vector<Network> EndpointStore::networks() const {
    std::vector<Network> result;
    Statement rows = database_.prepare("SELECT id, name, created, owner, spec FROM networks ORDER BY name");
    while (rows.step()) result.push_back(decodeNetwork(rows));
    return result;
}

void EndpointStore::save(const Endpoint& endpoint) {
    json data{{"name", endpoint.containerName}, {"ipv4", endpoint.ipv4}, {"ipv6", endpoint.ipv6}, {"mac", endpoint.mac},
              {"interface", endpoint.interfaceName}, {"fixed4", endpoint.fixed4}, {"fixed6", endpoint.fixed6},
              {"priority", endpoint.priority}, {"gatewayPriority", endpoint.gatewayPriority}, {"names", endpoint.names},
              {"aliases", endpoint.aliases}, {"linkLocal", endpoint.linkLocalIps}, {"ports", encodePorts(endpoint.ports)},
              {"published", encodePorts(endpoint.published)}, {"links", endpoint.links}, {"replicas", endpoint.replicas}, {"exposed", endpoint.exposed},
              {"activator", endpoint.activator}, {"activatorStart", endpoint.activatorStart}, {"activated", endpoint.endBefore}};
    database_.prepare("INSERT OR REPLACE INTO endpoints(network, container, position, active, data) VALUES(?,?,?,?,?)")
        .bind(endpoint.networkId).bind(endpoint.container).bind(std::int64_t{endpoint.position})
        .bind(endpoint.active ? boot_ : std::string()).bind(data.dump()).run();
}

void EndpointStore::erase(const std::string& container, const std::string& network) {
    database_.prepare("DELETE FROM endpoints WHERE container = ? AND network = ?").bind(container).bind(network).run();
}

std::vector<Endpoint> EndpointStore::select(const char* condition, const std::string& value) const {
    std::vector<Endpoint> result;
    Statement rows = database_.prepare(std::string("SELECT e.network, e.container, e.position, e.active, e.data, c.name FROM endpoints e "
                                                   "LEFT JOIN containers c ON c.id = e.container ") + condition +
                                       " ORDER BY e.container, e.position");
    if (*condition) rows.bind(value);
    while (rows.step()) {
        json data = json::parse(rows.text(4));
        Endpoint endpoint;
        endpoint.networkId = rows.text(0);
        endpoint.container = rows.text(1);
        endpoint.position = static_cast<int>(rows.integer(2));
        endpoint.active = rows.text(3) == boot_;
        endpoint.containerName = rows.isNull(5) ? data.at("name").get<std::string>() : rows.text(5);
        data.at("ipv4").get_to(endpoint.ipv4);
        data.at("ipv6").get_to(endpoint.ipv6);
        data.at("mac").get_to(endpoint.mac);
        data.at("interface").get_to(endpoint.interfaceName);
        data.at("fixed4").get_to(endpoint.fixed4);
        data.at("fixed6").get_to(endpoint.fixed6);
        data.at("priority").get_to(endpoint.priority);
        data.at("gatewayPriority").get_to(endpoint.gatewayPriority);
        data.at("names").get_to(endpoint.names);
        data.at("aliases").get_to(endpoint.aliases);
        data.at("linkLocal").get_to(endpoint.linkLocalIps);
        data.at("activator").get_to(endpoint.activator);
        data.at("activatorStart").get_to(endpoint.activatorStart);
        data.at("activated").get_to(endpoint.endBefore);
        endpoint.links = data.value("links", endpoint.links);  // these three: not of containers that an older devc made
        endpoint.replicas = data.value("replicas", endpoint.replicas);
        endpoint.exposed = data.value("exposed", endpoint.exposed);
        endpoint.ports = decodePorts(data.at("ports"));
        endpoint.published = decodePorts(data.at("published"));
        result.push_back(std::move(endpoint));
    }
    return result;
}

std::vector<Endpoint> EndpointStore::all() const { return select("", {}); }
std::vector<Endpoint> EndpointStore::of(const std::string& container) const { return select("WHERE e.container = ?", container); }
std::vector<Endpoint> EndpointStore::on(const std::string& network) const { return select("WHERE e.network = ?", network); }

}  // namespace devc::engine

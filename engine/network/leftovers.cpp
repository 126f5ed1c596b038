// What networks have in the kernel that their records do not account for.
#include <set>

#include "engine/error.h"
#include "engine/linux/netlink.h"
#include "engine/linux/nftables.h"
#include "engine/network/bridges.h"
#include "engine/network/endpoint_store.h"
#include "engine/network/liveness.h"
#include "engine/network/networks.h"
#include "engine/network/publication.h"

namespace devc::engine {

namespace {

/// Bridges of this state directory, in service or retired, that are of no network.
std::vector<std::string> strayBridges(const Host& host, const NetworkMap& networks) {
    std::set<std::string> known;
    for (const auto& [id, network] : networks) known.insert(network.bridge);
    std::vector<std::string> stray;
    const std::string alias = bridgeAlias(host);
    // Asked of the kernel: /sys may be that of another network namespace, with bridges that are another devc's.
    for (const LinkInfo& link : Netlink().links()) {
        if (link.kind == "bridge" && link.alias == alias && !known.contains(link.name)) stray.push_back(link.name);
    }
    return stray;
}

}  // namespace

std::vector<Leftover> Networks::leftovers() {
    std::vector<Leftover> found;
    // Commands do all that is looked at here within transactions.
    Database::Transaction transaction(database_);
    EndpointStore store(database_);
    std::set<std::string> dead;
    for (const Endpoint& endpoint : deadOf(host_, store.all())) {
        if (dead.insert(endpoint.container).second)
            found.push_back({fmt::format("addresses and ports of container {}, which has ended", endpoint.containerName), [this, id = endpoint.container] { ended({id}); }, true});
    }
    for (const std::string& bridge : strayBridges(host_, networkMap(store)))
        found.push_back({fmt::format("the bridge {}, of no network", bridge), [bridge] { Netlink().removeLink(bridge); }});
    try {
        for (const std::string& table : strayTables(host_, store, firewall()))
            found.push_back({fmt::format("the firewall table {}, of no network that is in use", table), [this, table] {
                                 Database::Lock lock(database_);
                                 firewall().replace({}, {table});
                             }});
    } catch (const Error&) {
        // A machine without nftables has no tables.
    }
    return found;
}

}  // namespace devc::engine

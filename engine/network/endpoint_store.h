#pragma once
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "engine/network/networks.h"
#include "engine/spec.h"

namespace devc::engine {

/// A container on a network as the database has it.
struct Endpoint {
    std::string networkId, container, containerName;
    int position = 0;     ///< order of attaching
    bool active = false;  ///< live since this boot
    pid_t activator = 0;  ///< the process that made it live, to start its container
    std::uint64_t activatorStart = 0;  ///< its start time in clock ticks: tells a reused pid
    std::string endBefore;  ///< when the container had ended before that, as its state says it
    std::string ipv4, ipv6, mac, interfaceName;
    bool fixed4 = false, fixed6 = false;  ///< asked for: never leased anew
    int priority = 0, gatewayPriority = 0;
    std::vector<std::string> names;  ///< aliases and short id
    std::vector<std::string> aliases, linkLocalIps;
    std::vector<PortBinding> ports, published;
    std::vector<std::string> links;    ///< names or ids of the containers that it is linked to
    std::string replicas;              ///< the set of equal containers that it is of; empty: none
    std::vector<std::string> exposed;  ///< "80/tcp", "3000-3005/udp"
};

/// The tables of networks and endpoints. Every call is made under a Database::Lock or Transaction.
class EndpointStore {
public:
    explicit EndpointStore(Database& database);

    void insertNetwork(const Network& network);
    void updateNetwork(const Network& network);  ///< its subnets and options; the name stays
    void eraseNetwork(const std::string& id);
    std::vector<Network> networks() const;  ///< by name

    void save(const Endpoint& endpoint);
    void erase(const std::string& container, const std::string& network);
    std::vector<Endpoint> all() const;  ///< in order of attaching
    std::vector<Endpoint> of(const std::string& container) const;
    std::vector<Endpoint> on(const std::string& network) const;

private:
    std::vector<Endpoint> select(const char* condition, const std::string& value) const;
    Database& database_;
    std::string boot_;
};

}  // namespace devc::engine

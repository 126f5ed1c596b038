#pragma once
#include <string>
#include <vector>

#include "engine/host.h"
#include "engine/linux/fd.h"
#include "engine/linux/ip_address.h"
#include "engine/network/endpoint_store.h"
#include "engine/network/firewall.h"

namespace devc::engine {

/// Bridges that a command raises, inside a transaction of its database; a macvlan has none. Those that were not up before go again with the
/// claim, unless it is kept. Meanwhile no other engine of the machine chooses a subnet.
class BridgeClaim {
public:
    BridgeClaim(const Host& host, EndpointStore& store) : host_(host), store_(store) {}
    BridgeClaim(const BridgeClaim&) = delete;
    ~BridgeClaim();

    /// Of a network whose bridge is down: sees that its subnets are still nobody else's. What the engine chose itself it
    /// chooses anew, with the leases of all its endpoints; what was asked for is a Conflict.
    void settle(Network& network);
    /// The bridge is there with its addresses, and the machine forwards.
    void raise(const Network& network);
    void keep() { raised_.clear(); }

private:
    bool isUp(const Network& network) const;
    void renumber(Network& network, const std::vector<Cidr>& used);

    const Host& host_;
    EndpointStore& store_;
    Fd lock_;
    std::vector<std::string> raised_;  ///< names of bridges that were not up before
};

/// What tells the bridges of one state directory from those of others: their alias.
std::string bridgeAlias(const Host& host);

/// What a network's bridge is called by: its gateways with their prefixes.
std::vector<std::string> bridgeAddressesOf(const Network& network);

/// Lets packets for 127.0.0.0/8 through to the bridge: what the host sends to its published ports. Only behind the firewall's
/// rules that keep containers out of there.
void routeLocalhostTo(const Network& network);

/// On a network whose containers are kept apart the bridge itself lets nothing through from one to another. Where links allow
/// something, the host answers for the neighbours that are asked for: what containers send each other goes by the firewall's
/// rules, which let through what the links allow. Only behind these rules.
void routeLinks(const FirewallNetwork& network);

}  // namespace devc::engine

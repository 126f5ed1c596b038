#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/linux/nftables.h"

namespace devc::engine {

/// A way to a port of a container, on a network whose containers may not talk to each other.
struct FirewallLink {
    IpAddress source, target;
    nft::Protocol protocol = nft::Protocol::Tcp;
    std::uint16_t port = 0, lastPort = 0;  ///< the same where it is one
    auto operator<=>(const FirewallLink&) const = default;
};

/// What the firewall needs to know of a network.
struct FirewallNetwork {
    std::string bridge;
    std::vector<Cidr> subnets;
    bool internal = false;     ///< no way in or out
    bool communicates = true;  ///< containers of it may talk to each other
    bool masquerades = true;   ///< leaves with the host's address
    std::vector<FirewallLink> links{};  ///< the ways between containers that there are nevertheless
};

/// A published port: connections to it go to the container.
struct FirewallPort {
    nft::Protocol protocol = nft::Protocol::Tcp;
    std::optional<IpAddress> hostIp;  ///< none: all addresses of the host
    std::uint16_t hostPort = 0;
    IpAddress target;
    std::uint16_t targetPort = 0;
};

/// The table of one group of networks. Pure. It holds:
/// - published ports, from outside, from containers, and from the host itself (localhost too);
/// - masquerading of what leaves, and of what comes back to the network it started from;
/// - isolation: into a bridge come only answers, its own containers and what was published; internal ones also let nothing out;
/// - where containers may not talk to each other, the ways that links open;
/// - nothing reaches 127.0.0.0/8 of the host from a bridge, although its routes are open for localhost's published ports.
nft::Table firewallTable(const std::string& name, const std::vector<FirewallNetwork>& networks,
                         const std::vector<FirewallPort>& ports);

/// Accepts devc's bridges: for chains of other programs that drop what they do not know.
std::vector<nft::Rule> acceptBridges(const std::string& bridgePrefix);

}  // namespace devc::engine

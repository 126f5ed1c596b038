#pragma once
#include <cstdint>
#include <string>

namespace devc::compose {

/// One published container port (specification: services.ports). The short form with ranges is expanded to one Port
/// for each container port; only `published` may still be a range, when one container port may take any port of it.
struct Port {
    std::uint16_t target = 0;
    /// First and last host port of which one is taken; 0,0: the engine chooses any free one.
    std::uint16_t publishedFirst = 0;
    std::uint16_t publishedLast = 0;
    /// The host's address to bind; empty: all, IPv4 and IPv6.
    std::string hostIp;
    std::string protocol = "tcp";  // tcp, udp or sctp
    std::string mode = "ingress";  // ingress or host; the same for one machine
    std::string name;
    std::string appProtocol;
};

}  // namespace devc::compose

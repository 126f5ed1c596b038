#pragma once
#include <optional>
#include <string>
#include <vector>

#include "compose/model/mapping.h"

namespace devc::compose {

struct IpamPool {
    std::string subnet;           // CIDR
    std::string ipRange;
    std::string gateway;
    StringMap auxAddresses;
};

/// A top-level network.
struct Network {
    std::string name;             // the real name, "project_key" by default
    bool external = false;
    std::string driver;           // empty: bridge
    StringMap driverOptions;
    bool internal = false;
    bool attachable = false;
    std::optional<bool> enableIpv4;
    std::optional<bool> enableIpv6;
    StringMap labels;
    std::string ipamDriver;
    StringMap ipamOptions;
    std::vector<IpamPool> ipam;
};

/// How a service is attached to a network (services.networks.<key>).
struct NetworkAttachment {
    StringList aliases;
    std::string ipv4Address;
    std::string ipv6Address;
    StringList linkLocalIps;
    std::string macAddress;
    std::string interfaceName;
    StringMap driverOptions;
    int priority = 0;             // the highest is attached first
    int gatewayPriority = 0;      // the highest has the default route
};

}  // namespace devc::compose

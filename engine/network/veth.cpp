#include "engine/network/veth.h"

namespace devc::engine {

namespace {

/// A link-local address without a length is in its family's own range.
std::string withLength(const std::string& address) {
    if (address.find('/') != std::string::npos) return address;
    return address + (address.find(':') == std::string::npos ? "/16" : "/64");
}

}  // namespace

VethSpec vethOf(const EndpointPlan& endpoint) {
    VethSpec veth;
    veth.hostName = endpoint.hostInterface;
    veth.bridge = endpoint.bridge;
    veth.name = endpoint.interfaceName;
    veth.mac = endpoint.mac;
    if (!endpoint.ipv4.empty()) veth.addresses.push_back(endpoint.ipv4);
    if (!endpoint.ipv6.empty()) veth.addresses.push_back(endpoint.ipv6);
    for (const std::string& address : endpoint.linkLocalIps) veth.addresses.push_back(withLength(address));
    veth.gateway4 = endpoint.gateway4;
    veth.gateway6 = endpoint.gateway6;
    veth.mtu = static_cast<unsigned>(endpoint.mtu);
    veth.isolated = endpoint.isolated;
    veth.parent = endpoint.parent;
    veth.mode = endpoint.mode;
    return veth;
}

}  // namespace devc::engine

#pragma once
#include <charconv>
#include <string>

#include "engine/network/networks.h"

namespace devc::engine {

constexpr const char* bridgePrefix = "dv-";

inline std::string optionOf(const Network& network, const char* name) {
    auto found = network.spec.driverOptions.find(name);
    return found == network.spec.driverOptions.end() ? std::string() : found->second;
}
inline bool isMacvlan(const Network& network) { return network.spec.driver == "macvlan"; }
/// The interface of the host that a macvlan is joined to.
inline std::string parentOf(const Network& network) { return optionOf(network, "parent"); }
inline std::string modeOf(const Network& network) {
    std::string mode = optionOf(network, "macvlan_mode");
    return mode.empty() ? "bridge" : mode;
}
inline bool communicates(const Network& network) { return optionOf(network, "com.docker.network.bridge.enable_icc") != "false"; }
inline bool masquerades(const Network& network) { return optionOf(network, "com.docker.network.bridge.enable_ip_masquerade") != "false"; }
/// Bytes; 1500 where the network says nothing sensible.
inline unsigned mtuOf(const Network& network) {
    std::string text = optionOf(network, "com.docker.network.driver.mtu");
    unsigned mtu = 0;
    std::from_chars(text.data(), text.data() + text.size(), mtu);
    return mtu >= 68 && mtu <= 65535 ? mtu : 1500;
}

}  // namespace devc::engine

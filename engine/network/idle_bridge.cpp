#include "engine/network/idle_bridge.h"

#include "engine/linux/netlink.h"
#include "engine/network/bridges.h"
#include "engine/network/networks.h"

namespace devc::engine {

namespace {

/// "dv-" becomes "dx-".
std::string retiredName(const std::string& bridge) { return "dx" + bridge.substr(2); }

}  // namespace

void retireBridge(const Network& network) {
    if (!Netlink().retireLink(network.bridge, bridgeAddressesOf(network), retiredName(network.bridge))) Netlink().removeLink(network.bridge);
}

void removeRetired(const std::string& bridge) { Netlink().removeLink(retiredName(bridge)); }

}  // namespace devc::engine

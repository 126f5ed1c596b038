#pragma once
#include "engine/linux/netlink_socket.h"
#include "engine/linux/nftables.h"

namespace devc::engine::nft {

/// Adds the rule's expressions (NFTA_RULE_EXPRESSIONS) to a request. `inet`: the table holds both families.
void encodeExpressions(NetlinkRequest& request, const Rule& rule, bool inet);

}  // namespace devc::engine::nft

#pragma once
#include <string>
#include <vector>

#include "engine/linux/fd.h"
#include "engine/spec.h"

namespace devc::engine {

/// A host port that is ours as long as the sockets are open. They are bound only: nobody listens, so that the kernel
/// refuses what the firewall does not send to a container.
struct ReservedPort {
    PortBinding binding;  ///< hostPort is the one taken, hostPortEnd 0
    std::vector<Fd> sockets;
};

/// Takes the port that `wanted` names: the fixed one, a free one of its range, or any (hostPort 0).
/// `withIpv6`: also for IPv6 where no address is named. Throws Conflict "Bind for 0.0.0.0:80 failed: port is already
/// allocated" with the holder's name and pid in its details.
ReservedPort reservePort(const PortBinding& wanted, bool withIpv6);

}  // namespace devc::engine

#pragma once
#include <cstdint>
#include <set>

namespace devc::engine {

/// Makes the kernel forget the UDP flows that were sent to one of these ports, of whatever address. UDP has no end of a
/// connection: a flow that goes on is translated as its first packet was, although that container is gone, or was not there yet.
/// Where the kernel cannot list its connections they stay until nothing was sent for half a minute.
void forgetUdpFlows(const std::set<std::uint16_t>& ports);

}  // namespace devc::engine

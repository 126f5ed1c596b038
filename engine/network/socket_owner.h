#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include <sys/types.h>

namespace devc::engine {

/// Who has a port of this network namespace.
struct SocketOwner {
    bool known = false;  ///< false: the socket has no process here (kernel, another pid namespace)
    pid_t pid = 0;
    std::string command;
};

/// Looks through /proc/net/<protocol>{,6} and the descriptors of all processes. Sockets that only wait for their end
/// (TIME_WAIT) do not count. nullopt: nobody has the port.
std::optional<SocketOwner> ownerOfPort(const std::string& protocol, std::uint16_t port);

}  // namespace devc::engine

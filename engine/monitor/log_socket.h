#pragma once
#include <optional>

#include "engine/linux/fd.h"
#include "engine/linux/ip_address.h"
#include "engine/log/address.h"

namespace devc::engine {

/// A socket on its way to a receiver of logs: connected once it is writable without an error.
struct LogSocket {
    Fd descriptor;  ///< non-blocking
    bool isStream = false, isInternet = false;
};

/// Begins to connect; without an address to the first of syslog's usual sockets that is there. A name is looked up in
/// /etc/hosts and, for at most some seconds, by DNS. Throws Error in docker's words.
LogSocket openLogSocket(const std::optional<LogAddress>& address);
/// Throws the same for a connection that has failed; nothing happens if it stands.
void checkConnected(const LogSocket& socket, const std::optional<LogAddress>& address);

}  // namespace devc::engine

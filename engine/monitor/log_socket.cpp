#include "engine/monitor/log_socket.h"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/linux/socket_address.h"
#include "engine/monitor/host_lookup.h"

namespace devc::engine {

namespace {

using Transport = LogAddress::Transport;

constexpr const char* syslogSockets[] = {"/dev/log", "/var/run/syslog", "/var/run/log"};

/// "dial tcp 127.0.0.1:514", as docker says it.
std::string dialing(const LogAddress& address) {
    std::string text = textOf(address);
    size_t end = text.find("://");
    return "dial " + text.substr(0, end) + " " + text.substr(end + 3);
}

Fd newSocket(int family, bool stream) {
    Fd socket(::socket(family, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) throw SystemError("make a socket", errno);
    return socket;
}

void begin(const Fd& socket, const sockaddr* to, socklen_t size, const LogAddress& address) {
    if (::connect(socket.get(), to, size) != 0 && errno != EINPROGRESS) throw SystemError(dialing(address), errno);
}

LogSocket openFileSocket(const LogAddress& address) {
    LogSocket socket{newSocket(AF_UNIX, isStream(address)), isStream(address), false};
    sockaddr_un to{.sun_family = AF_UNIX, .sun_path = {}};
    if (address.host.size() >= sizeof to.sun_path) throw Error::of("{}: the path is too long", dialing(address));
    address.host.copy(to.sun_path, address.host.size());
    begin(socket.descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof to, address);
    return socket;
}

LogSocket openAddress(const LogAddress& address) {
    if (address.transport == Transport::UnixStream || address.transport == Transport::UnixDatagram) return openFileSocket(address);
    std::optional<IpAddress> ip = lookUpHost(address.host);
    if (!ip) throw Error::of("{}: lookup {}: no such host", dialing(address), address.host);
    SocketAddress to = SocketAddress::of(*ip, address.port);
    LogSocket socket{newSocket(to.storage.ss_family, isStream(address)), isStream(address), true};
    begin(socket.descriptor, to.get(), to.size, address);
    return socket;
}

LogSocket openUsualSyslog() {
    for (const char* path : syslogSockets) {
        for (Transport transport : {Transport::UnixDatagram, Transport::UnixStream}) {
            try {
                return openFileSocket({transport, path, 0});
            } catch (const SystemError&) {
                // The next one may be there.
            }
        }
    }
    throw Error("Unix syslog delivery error").hint("no syslog listens on /dev/log: start one, or name another by the log option syslog-address");
}

}  // namespace

LogSocket openLogSocket(const std::optional<LogAddress>& address) { return address ? openAddress(*address) : openUsualSyslog(); }

void checkConnected(const LogSocket& socket, const std::optional<LogAddress>& address) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket.descriptor.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) throw SystemError(address ? dialing(*address) : "connect to the syslog of this machine", error);
}

}  // namespace devc::engine

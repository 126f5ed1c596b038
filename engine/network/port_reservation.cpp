#include "engine/network/port_reservation.h"

#include <algorithm>
#include <cerrno>

#include "engine/error.h"
#include "engine/linux/socket_address.h"
#include "engine/network/socket_owner.h"

namespace devc::engine {

namespace {

constexpr int attemptsForBothFamilies = 32;

int protocolNumber(const std::string& name) {
    if (name == "tcp") return IPPROTO_TCP;
    if (name == "udp") return IPPROTO_UDP;
    if (name == "sctp") return IPPROTO_SCTP;
    throw Error::of("invalid protocol of a port: {}", name);
}

struct Binding {
    Fd socket;      ///< none with error 0: the kernel lacks the protocol, so nobody else can have the port
    int error = 0;
};

/// The kernel lets others with SO_REUSEADDR share the port of a socket that was bound with it, until one has listened.
void shareNoMore(int socket) {
    int off = 0;
    ::listen(socket, 0);
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &off, sizeof off);
    ::shutdown(socket, SHUT_RDWR);  // stays bound
}

Binding bindTo(const std::string& protocol, const IpAddress& ip, std::uint16_t port, bool overTimeWait) {
    int type = protocol == "udp" ? SOCK_DGRAM : SOCK_STREAM;
    Fd socket(::socket(ip.isV6() ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, protocolNumber(protocol)));
    if (!socket) {
        if (errno == EPROTONOSUPPORT || errno == EAFNOSUPPORT) return {};
        throw SystemError("open a socket for a published port", errno);
    }
    int on = 1, least = 0;
    if (ip.isV6()) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (overTimeWait) ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (protocol == "udp") ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &least, sizeof least);
    SocketAddress address = SocketAddress::of(ip, port);
    if (::bind(socket.get(), address.get(), address.size) != 0) return {{}, errno};
    if (overTimeWait) shareNoMore(socket.get());
    return {std::move(socket), 0};
}

std::string endpointText(const IpAddress& ip, std::uint16_t port) {
    return fmt::format(fmt::runtime(ip.isV6() ? "[{}]:{}" : "{}:{}"), ip.text(), port);
}

/// nullopt: somebody has the port.
std::optional<Fd> tryBind(const std::string& protocol, const IpAddress& ip, std::uint16_t port) {
    Binding bound = bindTo(protocol, ip, port, false);
    // SO_REUSEADDR only where it is needed: two sockets that have it and do not listen could share a port.
    if (bound.error == EADDRINUSE && protocol == "tcp" && port && !ownerOfPort(protocol, port))
        bound = bindTo(protocol, ip, port, true);
    if (bound.error == EADDRINUSE) return {};
    if (bound.error == 0) return std::move(bound.socket);
    SystemError error("bind " + endpointText(ip, port), bound.error);
    if (bound.error == EADDRNOTAVAIL) error.hint(fmt::format("{} is not an address of this host", ip.text()));
    throw error;
}

/// All families on one number; nullopt: somebody has it.
std::optional<ReservedPort> take(const PortBinding& wanted, const std::vector<IpAddress>& addresses, std::uint16_t port) {
    ReservedPort reserved{wanted, {}};
    for (const IpAddress& ip : addresses) {
        auto socket = tryBind(wanted.protocol, ip, port);
        if (!socket) return {};
        if (!*socket) continue;
        if (port == 0) port = SocketAddress::of(socket->get()).port();
        reserved.sockets.push_back(std::move(*socket));
    }
    reserved.binding.hostPort = port;
    reserved.binding.hostPortEnd = 0;
    return reserved;
}

[[noreturn]] void throwBusy(const PortBinding& wanted, const IpAddress& ip) {
    std::string ports = endpointText(ip, wanted.hostPort);
    if (wanted.hostPortEnd > wanted.hostPort) ports += fmt::format("-{}", wanted.hostPortEnd);
    Conflict error(fmt::format("Bind for {} failed: port is already allocated", ports));
    auto owner = ownerOfPort(wanted.protocol, wanted.hostPort);
    if (owner && owner->known) error.detail(fmt::format("{} port {} is held by {} (pid {})", wanted.protocol, wanted.hostPort, owner->command, owner->pid));
    error.hint("stop what uses the port, or publish another one");
    throw error;
}

}  // namespace

ReservedPort reservePort(const PortBinding& wanted, bool withIpv6) {
    std::vector<IpAddress> addresses;
    if (wanted.hostIp.empty()) {
        addresses.push_back(*IpAddress::parse("0.0.0.0"));
        if (withIpv6) addresses.push_back(*IpAddress::parse("::"));
    } else {
        auto ip = IpAddress::parse(wanted.hostIp);
        if (!ip) throw Error::of("invalid host address of a published port: {}", wanted.hostIp);
        addresses.push_back(*ip);
    }
    unsigned last = std::max(wanted.hostPort, wanted.hostPortEnd);
    for (unsigned port = wanted.hostPort; port <= last; ++port) {
        // A free number of one family can be taken in the other.
        int attempts = port == 0 ? attemptsForBothFamilies : 1;
        while (attempts-- > 0) {
            if (auto reserved = take(wanted, addresses, static_cast<std::uint16_t>(port))) return std::move(*reserved);
        }
    }
    throwBusy(wanted, addresses.front());
}

}  // namespace devc::engine

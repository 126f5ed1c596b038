#pragma once
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>

#include "engine/linux/ip_address.h"

namespace devc::engine {

/// An internet address and a port as bind(2), connect(2) and sendto(2) take them.
struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;

    static SocketAddress of(const IpAddress& ip, std::uint16_t port) {
        SocketAddress address;
        if (ip.isV6()) {
            auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
            v6->sin6_family = AF_INET6;
            v6->sin6_port = htons(port);
            std::memcpy(&v6->sin6_addr, ip.bytes(), ip.size());
            address.size = sizeof *v6;
        } else {
            auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
            v4->sin_family = AF_INET;
            v4->sin_port = htons(port);
            std::memcpy(&v4->sin_addr, ip.bytes(), ip.size());
            address.size = sizeof *v4;
        }
        return address;
    }
    /// The socket's own.
    static SocketAddress of(int socket) {
        SocketAddress address;
        ::getsockname(socket, address.get(), &address.size);
        return address;
    }

    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
    std::uint16_t port() const {
        bool v6 = storage.ss_family == AF_INET6;
        return ntohs(v6 ? reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port : reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
    }
};

}  // namespace devc::engine

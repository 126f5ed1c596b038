#include "engine/network/port_reservation.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/linux/socket_address.h"
#include "engine/network/socket_owner.h"

using namespace devc::engine;

namespace {

PortBinding binding(std::uint16_t first, std::uint16_t last = 0, const char* ip = "127.0.0.1", const char* protocol = "tcp") {
    return {.containerPort = 80, .protocol = protocol, .hostIp = ip, .hostPort = first, .hostPortEnd = last};
}

std::string failureOf(const PortBinding& wanted, std::string* details = nullptr) {
    try {
        reservePort(wanted, false);
    } catch (const Conflict& error) {
        for (const std::string& detail : error.details()) *details += detail;
        return error.what();
    }
    return "none";
}

}  // namespace

TEST_CASE("any port is a free one") {
    ReservedPort first = reservePort(binding(0), false), second = reservePort(binding(0), false);
    CHECK(first.binding.hostPort != 0);
    CHECK(first.binding.hostPort != second.binding.hostPort);
}

TEST_CASE("a taken port is refused with the name of its holder") {
    Fd taken(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    SocketAddress address = SocketAddress::of(*IpAddress::parse("127.0.0.1"), 0);
    REQUIRE(::bind(taken.get(), address.get(), address.size) == 0);
    REQUIRE(::listen(taken.get(), 1) == 0);
    std::uint16_t port = SocketAddress::of(taken.get()).port();
    std::string details;
    CHECK(failureOf(binding(port), &details) == fmt::format("Bind for 127.0.0.1:{} failed: port is already allocated", port));
    CHECK(details.find(fmt::format("(pid {})", ::getpid())) != std::string::npos);
    CHECK_NOTHROW(reservePort(binding(port, 0, "127.0.0.1", "udp"), false));
    CHECK_NOTHROW(reservePort(binding(port, 0, "127.0.0.2"), false));
}

TEST_CASE("of a range the first free port is taken") {
    ReservedPort taken = reservePort(binding(0), false);
    std::uint16_t port = taken.binding.hostPort;
    if (port > 65000) return;
    ReservedPort next = reservePort(binding(port, static_cast<std::uint16_t>(port + 20)), false);
    CHECK(next.binding.hostPort > port);
    CHECK(next.binding.hostPort <= port + 20);
    CHECK(next.binding.hostPortEnd == 0);
}

TEST_CASE("a port is free again when its sockets are closed, and refused to others before") {
    std::uint16_t port = 0;
    {
        ReservedPort taken = reservePort(binding(0), false);
        port = taken.binding.hostPort;
        Fd other(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        SocketAddress address = SocketAddress::of(*IpAddress::parse("127.0.0.1"), port);
        CHECK(::bind(other.get(), address.get(), address.size) != 0);
        // Bound, not listening: without a container nobody answers.
        CHECK(::connect(Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)).get(), address.get(), address.size) != 0);
    }
    CHECK_NOTHROW(reservePort(binding(port), false));
}

TEST_CASE("a port whose last connection has just ended can be taken, by one") {
    std::uint16_t port = 0;
    {
        Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        int on = 1;
        ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        SocketAddress address = SocketAddress::of(*IpAddress::parse("127.0.0.1"), 0);
        REQUIRE(::bind(listener.get(), address.get(), address.size) == 0);
        REQUIRE(::listen(listener.get(), 1) == 0);
        address = SocketAddress::of(listener.get());
        port = address.port();
        REQUIRE(::connect(client.get(), address.get(), address.size) == 0);
        Fd server(::accept(listener.get(), nullptr, nullptr));
    }  // the server's side closes first: it waits for stray segments
    ReservedPort taken = reservePort(binding(port), false);
    CHECK_THROWS_AS(reservePort(binding(port), false), Conflict);
    Fd other(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    int on = 1;
    ::setsockopt(other.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    SocketAddress address = SocketAddress::of(*IpAddress::parse("127.0.0.1"), port);
    CHECK(::bind(other.get(), address.get(), address.size) != 0);
}

TEST_CASE("an address that is not the host's is refused") {
    CHECK_THROWS_AS(reservePort(binding(0, 0, "203.0.113.77"), false), Error);
    CHECK_THROWS_AS(reservePort(binding(0, 0, "nonsense"), false), Error);
    CHECK_THROWS_AS(reservePort(binding(0, 0, "127.0.0.1", "icmp"), false), Error);
}

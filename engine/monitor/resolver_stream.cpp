#include <algorithm>
#include <cerrno>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <arpa/nameser.h>

#include "engine/error.h"
#include "engine/monitor/resolver.h"

// The resolver by TCP: each message has its length in two bytes before it (RFC 1035, 4.2.2; RFC 7766).
namespace devc::engine {

namespace {

constexpr std::size_t lengthSize = 2;
constexpr std::size_t mostConnections = 64, mostUnsent = 1 << 18;
constexpr unsigned mostAsked = 32;  // of one connection

}  // namespace

void Resolver::accept() {
    Fd socket(::accept4(sockets_.stream.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) return;
    // The one that has been silent longest makes room: those who only connect keep nobody out.
    if (connections_.size() >= mostConnections) close(connections_.begin());
    int descriptor = socket.get();
    Place place = connections_.insert(connections_.end(), Connection{.number = ++lastNumber_, .socket = std::move(socket), .received = {}, .unsent = {}});
    try {
        loop_.add(descriptor, EPOLLIN, [this, place](std::uint32_t events) { serve(place, events); });
    } catch (const SystemError&) {
        connections_.erase(place);
    }
}

void Resolver::serve(Place connection, std::uint32_t events) {
    connections_.splice(connections_.end(), connections_, connection);
    if ((events & EPOLLOUT) && !flush(*connection)) return close(connection);
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) return;
    char buffer[4096];
    ssize_t size = ::recv(connection->socket.get(), buffer, sizeof buffer, 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) return close(connection);
    connection->received.append(buffer, static_cast<std::size_t>(size));
    refresh();
    takeQueries(*connection);
}

void Resolver::takeQueries(Connection& connection) {
    for (;;) {
        std::string& received = connection.received;
        if (received.size() < lengthSize) return;
        std::size_t length = ns_get16(reinterpret_cast<const std::uint8_t*>(received.data()));
        if (received.size() < lengthSize + length) return;
        std::string query = received.substr(lengthSize, length);
        received.erase(0, lengthSize + length);
        if (connection.asked >= mostAsked) continue;
        ++connection.asked;
        handle(query, true, [this, number = connection.number](const std::string& message) { reply(number, message); });
    }
}

/// The connection may have gone while others were asked.
void Resolver::reply(std::uint64_t number, const std::string& message) {
    auto connection = std::find_if(connections_.begin(), connections_.end(), [&](const Connection& c) { return c.number == number; });
    if (connection == connections_.end()) return;
    if (connection->asked) --connection->asked;
    if (connection->unsent.size() > mostUnsent) return;
    std::uint8_t length[lengthSize];
    ns_put16(static_cast<unsigned>(message.size()), length);
    connection->unsent.append(reinterpret_cast<char*>(length), lengthSize).append(message);
    flush(*connection);
}

/// False: the other side has gone.
bool Resolver::flush(Connection& connection) {
    while (!connection.unsent.empty()) {
        ssize_t size = ::send(connection.socket.get(), connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
        if (size < 0 && errno == EAGAIN) break;
        if (size < 0) return false;
        connection.unsent.erase(0, static_cast<std::size_t>(size));
    }
    loop_.change(connection.socket.get(), connection.unsent.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT);
    return true;
}

void Resolver::close(Place connection) {
    loop_.remove(connection->socket.get());
    connections_.erase(connection);
}

}  // namespace devc::engine

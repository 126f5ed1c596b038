#include "engine/monitor/forwarder.h"

#include <algorithm>
#include <cerrno>
#include <sys/epoll.h>

#include <arpa/nameser.h>

#include "engine/error.h"
#include "engine/linux/socket_address.h"

namespace devc::engine {

namespace {

constexpr std::size_t mostExchanges = 256;  // each has a descriptor
constexpr std::size_t lengthSize = 2;       // before a message by TCP (RFC 1035, 4.2.2)

std::span<const std::uint8_t> bytesOf(const std::string& text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

}  // namespace

Forwarder::Forwarder(EventLoop& loop, std::vector<IpAddress> servers, std::chrono::nanoseconds patience, std::uint16_t port)
    : loop_(loop), servers_(std::move(servers)), patience_(patience), port_(port), timer_(loop, [this] { expire(); }) {}

Forwarder::~Forwarder() {
    for (Exchange& exchange : exchanges_) {
        if (exchange.socket) loop_.remove(exchange.socket.get());
    }
}

void Forwarder::ask(const std::string& query, const DnsQuestion& question, bool byTcp, Answered answered) {
    if (servers_.empty() || exchanges_.size() >= mostExchanges) return answered({});
    Exchange exchange{.query = query, .question = question, .byTcp = byTcp, .answered = std::move(answered), .received = {}, .socket = {}, .deadline = {}, .refusal = {}};
    if (byTcp) {
        std::uint8_t length[lengthSize];
        ns_put16(static_cast<unsigned>(query.size()), length);
        exchange.query.insert(0, reinterpret_cast<char*>(length), lengthSize);
    }
    start(exchanges_.insert(exchanges_.end(), std::move(exchange)));
}

/// Asks the server whose turn it is, or the next one that can be reached.
void Forwarder::start(Place exchange) {
    for (; exchange->server < servers_.size(); ++exchange->server) {
        if (!open(*exchange)) continue;
        exchange->deadline = std::chrono::steady_clock::now() + patience_;
        try {
            // TCP: when it is connected.
            loop_.add(exchange->socket.get(), exchange->byTcp ? EPOLLOUT : EPOLLIN, [this, exchange](std::uint32_t events) { ready(exchange, events); });
        } catch (const SystemError&) {
            continue;
        }
        return armTimer();
    }
    finish(exchange, std::move(exchange->refusal));
}

bool Forwarder::open(Exchange& exchange) {
    SocketAddress server = SocketAddress::of(servers_[exchange.server], port_);
    int type = exchange.byTcp ? SOCK_STREAM : SOCK_DGRAM;
    exchange.sent = 0;
    exchange.received.clear();
    exchange.socket = Fd(::socket(server.storage.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!exchange.socket) return false;
    if (::connect(exchange.socket.get(), server.get(), server.size) != 0 && errno != EINPROGRESS) return false;
    return exchange.byTcp || ::send(exchange.socket.get(), exchange.query.data(), exchange.query.size(), MSG_NOSIGNAL) >= 0;
}

void Forwarder::next(Place exchange) {
    loop_.remove(exchange->socket.get());
    ++exchange->server;
    start(exchange);
}

void Forwarder::ready(Place exchange, std::uint32_t events) {
    if (!exchange->byTcp) return receiveDatagram(exchange);
    if (exchange->sent < exchange->query.size() && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))) return push(exchange);
    receiveStream(exchange);
}

void Forwarder::push(Place exchange) {
    const std::string& query = exchange->query;
    ssize_t size = ::send(exchange->socket.get(), query.data() + exchange->sent, query.size() - exchange->sent, MSG_NOSIGNAL);
    if (size < 0) return errno == EAGAIN ? void() : next(exchange);
    exchange->sent += static_cast<std::size_t>(size);
    if (exchange->sent == query.size()) loop_.change(exchange->socket.get(), EPOLLIN);
}

void Forwarder::receiveDatagram(Place exchange) {
    char buffer[NS_MAXMSG + 1];
    ssize_t size = ::recv(exchange->socket.get(), buffer, sizeof buffer, 0);
    if (size < 0) return errno == EAGAIN || errno == EINTR ? void() : next(exchange);  // refused: nobody is at home
    std::string reply(buffer, static_cast<std::size_t>(size));
    // Somebody else's guess is not an answer: the right one may still come.
    if (isReplyTo(bytesOf(reply), exchange->question)) replied(exchange, std::move(reply));
}

void Forwarder::receiveStream(Place exchange) {
    char buffer[4096];
    ssize_t size = ::recv(exchange->socket.get(), buffer, sizeof buffer, 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) return next(exchange);
    std::string& received = exchange->received;
    received.append(buffer, static_cast<std::size_t>(size));
    if (received.size() < lengthSize) return;
    std::size_t length = ns_get16(bytesOf(received).data());
    if (received.size() < lengthSize + length) return;
    std::string reply = received.substr(lengthSize, length);
    if (isReplyTo(bytesOf(reply), exchange->question)) replied(exchange, std::move(reply));
    else next(exchange);
}

void Forwarder::replied(Place exchange, std::string reply) {
    int code = replyCode(bytesOf(reply));
    if (code != ns_r_servfail && code != ns_r_refused && code != ns_r_notimpl) return finish(exchange, std::move(reply));
    if (!exchange->refusal) exchange->refusal = std::move(reply);
    next(exchange);
}

void Forwarder::finish(Place exchange, std::optional<std::string> reply) {
    if (exchange->socket) loop_.remove(exchange->socket.get());
    Answered answered = std::move(exchange->answered);
    exchanges_.erase(exchange);
    armTimer();
    answered(std::move(reply));
}

void Forwarder::expire() {
    auto now = std::chrono::steady_clock::now();
    for (auto exchange = exchanges_.begin(); exchange != exchanges_.end();) {
        Place late = exchange++;
        if (late->deadline <= now) next(late);
    }
    armTimer();
}

void Forwarder::armTimer() {
    if (exchanges_.empty()) return timer_.clear();
    auto first = std::min_element(exchanges_.begin(), exchanges_.end(), [](const Exchange& a, const Exchange& b) { return a.deadline < b.deadline; });
    timer_.set(first->deadline - std::chrono::steady_clock::now());
}

}  // namespace devc::engine

#include "engine/monitor/resolver.h"

#include <arpa/nameser.h>
#include <doctest/doctest.h>
#include <filesystem>
#include <random>
#include <set>
#include <sys/epoll.h>

#include "engine/linux/socket_address.h"

using namespace devc::engine;
using namespace std::chrono_literals;

namespace {

const IpAddress local = *IpAddress::parse("127.0.0.1"), silent = *IpAddress::parse("127.0.0.2"), absent = *IpAddress::parse("127.0.0.3");

Fd bound(int type, const IpAddress& ip, std::uint16_t port = 0) {
    Fd socket(::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    SocketAddress address = SocketAddress::of(ip, port);
    REQUIRE(::bind(socket.get(), address.get(), address.size) == 0);
    if (type == SOCK_STREAM) REQUIRE(::listen(socket.get(), 8) == 0);
    return socket;
}

std::span<const std::uint8_t> bytesOf(const std::string& text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

std::string query(const std::string& labels, int type = ns_t_a) {
    std::string text("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12);
    return text + labels + '\0' + std::string{'\0', static_cast<char>(type), '\0', '\1'};
}

std::string framed(const std::string& message) { return std::string{static_cast<char>(message.size() >> 8), static_cast<char>(message.size())} + message; }

struct Counts { int code, answers; };
Counts countsOf(const std::string& reply) {
    ns_msg parsed;
    if (ns_initparse(bytesOf(reply).data(), static_cast<int>(reply.size()), &parsed) != 0) return {-1, -1};
    return {ns_msg_getflag(parsed, ns_f_rcode), ns_msg_count(parsed, ns_s_an)};
}

/// Runs the loop until something comes, or half a second has passed.
std::string receiveFrom(EventLoop& loop, const Fd& socket) {
    std::string text;
    Timer late(loop, [&] { loop.stop(); });
    late.set(500ms);
    loop.add(socket.get(), EPOLLIN, [&](std::uint32_t) {
        char buffer[65536];
        ssize_t size = ::recv(socket.get(), buffer, sizeof buffer, 0);
        if (size > 0) text.append(buffer, static_cast<std::size_t>(size));
        loop.stop();
    });
    loop.run();
    loop.remove(socket.get());
    return text;
}

/// An upstream that knows every name.
class Upstream {
public:
    explicit Upstream(EventLoop& loop) : loop_(loop), datagram_(bound(SOCK_DGRAM, local)) {
        loop_.add(datagram_.get(), EPOLLIN, [this](std::uint32_t) {
            char buffer[512];
            SocketAddress from;
            ssize_t size = ::recvfrom(datagram_.get(), buffer, sizeof buffer, 0, from.get(), &from.size);
            auto question = parseQuery(bytesOf(std::string(buffer, static_cast<std::size_t>(size))));
            std::string reply = encodeReply(*question, ns_r_noerror, {addressRecord(local)}, 512);
            std::string forged = reply;
            forged[0] = static_cast<char>(forged[0] + 1);
            ::sendto(datagram_.get(), forged.data(), forged.size(), 0, from.get(), from.size);
            ::sendto(datagram_.get(), reply.data(), reply.size(), 0, from.get(), from.size);
        });
    }
    ~Upstream() { loop_.remove(datagram_.get()); }
    std::uint16_t port() const { return SocketAddress::of(datagram_.get()).port(); }

private:
    EventLoop& loop_;
    Fd datagram_;
};

std::optional<std::string> answerOf(EventLoop& loop, Forwarder& forwarder, bool byTcp = false) {
    std::optional<std::string> answer;
    std::string text = query("\3www\2de");
    forwarder.ask(text, *parseQuery(bytesOf(text)), byTcp, [&](std::optional<std::string> reply) {
        answer = std::move(reply);
        loop.stop();
    });
    return loop.run(), answer;
}

struct Served {
    Served() {
        char pattern[] = "/tmp/devc-resolver-XXXXXX";
        folder = ::mkdtemp(pattern);
        write({{"me", "10.0.0.2", "", "a-1", {"a"}}, {"x", "10.0.0.3", "", "b-1", {"b"}}, {"y", "10.0.0.4", "", "b-2", {"b"}}});
        MonitorPlan plan;
        plan.id = "me";
        plan.runDir = folder.string();
        ResolverSockets sockets{bound(SOCK_DGRAM, local), bound(SOCK_STREAM, local)};
        datagram = SocketAddress::of(sockets.datagram.get());
        stream = SocketAddress::of(sockets.stream.get());
        resolver = std::make_unique<Resolver>(loop, plan, std::move(sockets));
    }
    ~Served() { std::filesystem::remove_all(folder); }

    void write(std::vector<NameEntry> entries) { writeNameTable(folder / "networks", "1", {"net", std::move(entries)}); }

    std::string ask(const std::string& message) {
        Fd client = bound(SOCK_DGRAM, local);
        ::sendto(client.get(), message.data(), message.size(), 0, datagram.get(), datagram.size);
        return receiveFrom(loop, client);
    }

    EventLoop loop;
    std::filesystem::path folder;
    SocketAddress datagram, stream;
    std::unique_ptr<Resolver> resolver;
};

}  // namespace

TEST_CASE("the next server is asked when one is silent or not there") {
    EventLoop loop;
    Upstream upstream(loop);
    Fd quiet = bound(SOCK_DGRAM, silent, upstream.port());
    Forwarder forwarder(loop, {absent, silent, local}, 20ms, upstream.port());
    auto answer = answerOf(loop, forwarder);
    REQUIRE(answer);
    CHECK(countsOf(*answer).answers == 1);
}

TEST_CASE("nobody answers: that is said in time") {
    EventLoop loop;
    Fd quiet = bound(SOCK_DGRAM, silent);
    Forwarder forwarder(loop, {silent, silent}, 20ms, SocketAddress::of(quiet.get()).port());
    auto begin = std::chrono::steady_clock::now();
    CHECK_FALSE(answerOf(loop, forwarder));
    CHECK(std::chrono::steady_clock::now() - begin < 2s);
    Forwarder alone(loop, {}, 20ms);
    bool called = false;
    std::string text = query("\1a");
    alone.ask(text, *parseQuery(bytesOf(text)), false, [&](const std::optional<std::string>& reply) { called = !reply; });
    CHECK(called);
}

TEST_CASE("a container's resolver answers its own names and refuses the rest politely") {
    Served served;
    CHECK(countsOf(served.ask(query("\1b"))).answers == 2);
    CHECK(served.ask(query("\1b")) != served.ask(query("\1b")));  // rotated
    Counts none = countsOf(served.ask(query("\1b", ns_t_aaaa)));
    CHECK(none.code == ns_r_noerror);
    CHECK(none.answers == 0);
    CHECK(countsOf(served.ask(query("\3""b-1\3net"))).answers == 1);
    CHECK(countsOf(served.ask(query("\1" "3\1" "0\1" "0\2" "10\7in-addr\4arpa", ns_t_ptr))).answers == 1);
    CHECK(countsOf(served.ask(query("\7unknown"))).code == ns_r_nxdomain);
    CHECK(countsOf(served.ask(query("\3www\2de"))).code == ns_r_servfail);
    CHECK(countsOf(served.ask(std::string("\0\0\0\0\0\0\0\0\0\0\0\0", 12))).code == ns_r_formerr);
}

TEST_CASE("a question that was answered before is answered by the tables as they are now") {
    Served served;
    const std::string first = served.ask(query("\1b")), second = served.ask(query("\1b"));
    CHECK(first != second);
    CHECK(served.ask(query("\1b")) == first);  // two addresses, turned twice
    std::string other = query("\1b");
    other[0] = 'x';
    const std::string turned = served.ask(other);
    CHECK(turned[0] == 'x');
    CHECK(turned.substr(1) == second.substr(1));
    served.write({{"me", "10.0.0.2", "", "a-1", {"a"}}, {"z", "10.0.0.9", "", "b-3", {"b"}}});
    CHECK(served.ask(query("\1b")).ends_with(std::string("\x0a\0\0\x09", 4)));
    served.write({{"me", "10.0.0.2", "", "a-1", {"a"}}});
    CHECK(countsOf(served.ask(query("\1b"))).code == ns_r_nxdomain);
}

TEST_CASE("questions that come together are answered all, empty ones and senders who have gone between them") {
    Served served;
    Fd client = bound(SOCK_DGRAM, local);
    constexpr int asked = 50;  // what a socket holds
    for (int i = 0; i < asked; ++i) {
        std::string message = query(i % 2 ? "\1a" : "\1b");
        message[0] = static_cast<char>(i);
        ::sendto(client.get(), message.data(), message.size(), 0, served.datagram.get(), served.datagram.size);
        ::sendto(client.get(), message.data(), 0, 0, served.datagram.get(), served.datagram.size);
        Fd gone = bound(SOCK_DGRAM, local);
        ::sendto(gone.get(), message.data(), message.size(), 0, served.datagram.get(), served.datagram.size);
    }
    std::set<char> answered;
    Timer late(served.loop, [&] { served.loop.stop(); });
    late.set(5s);
    served.loop.add(client.get(), EPOLLIN, [&](std::uint32_t) {
        char buffer[512];
        if (::recv(client.get(), buffer, sizeof buffer, 0) > 0) answered.insert(buffer[0]);
        if (answered.size() == asked) served.loop.stop();
    });
    served.loop.run();
    served.loop.remove(client.get());
    CHECK(answered.size() == asked);
}

TEST_CASE("a question too long for a datagram is to be asked by TCP") {
    Served served;
    std::string option("\0\0\x29\x10\0\0\0\0\0\x03\xec\0\x0c\x03\xe8", 15);  // EDNS, padding of 1000 bytes (RFC 7830)
    std::string text = query("\1b");
    text[11] = 1;
    text += option + std::string(1000, '\0');
    const std::string reply = served.ask(text);
    CHECK(countsOf(reply).answers == 0);
    CHECK((reply.at(2) & 2) != 0);  // truncated
    Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(client.get(), served.stream.get(), served.stream.size) == 0);
    const std::string message = framed(text);
    REQUIRE(::send(client.get(), message.data(), message.size(), 0) > 0);
    CHECK(countsOf(receiveFrom(served.loop, client).substr(2)).answers == 2);
}

TEST_CASE("several questions come over one connection") {
    Served served;
    Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(client.get(), served.stream.get(), served.stream.size) == 0);
    std::string both = framed(query("\1a")) + framed(query("\1b"));
    REQUIRE(::send(client.get(), both.data(), 5, 0) == 5);
    CHECK(receiveFrom(served.loop, client).empty());
    REQUIRE(::send(client.get(), both.data() + 5, both.size() - 5, 0) > 0);
    std::string replies = receiveFrom(served.loop, client);
    if (replies.size() < 60) replies += receiveFrom(served.loop, client);
    std::size_t first = static_cast<std::size_t>(bytesOf(replies)[1]) + 2;
    REQUIRE(replies.size() > first + 2);
    CHECK(countsOf(replies.substr(2, first - 2)).answers == 1);
    CHECK(countsOf(replies.substr(first + 2)).answers == 2);
}

TEST_CASE("nothing that is sent to a resolver ends it") {
    Served served;
    std::mt19937 random(7);
    Fd client = bound(SOCK_DGRAM, local);
    for (int round = 0; round < 3000; ++round) {
        std::string text = query("\1b");
        if (round % 2) text.resize(random() % 300);
        for (auto i = random() % 8; i > 0 && !text.empty(); --i) text[random() % text.size()] = static_cast<char>(random());
        ::sendto(client.get(), text.data(), text.size(), 0, served.datagram.get(), served.datagram.size);
        if (round % 50 == 0) {
            Fd stream(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
            if (::connect(stream.get(), served.stream.get(), served.stream.size) == 0) ::send(stream.get(), text.data(), text.size(), MSG_NOSIGNAL);
            receiveFrom(served.loop, client);
        }
    }
    CHECK(countsOf(served.ask(query("\1a"))).answers == 1);
}

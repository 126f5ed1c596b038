#include "engine/monitor/resolver.h"

#include <algorithm>
#include <cerrno>
#include <sys/epoll.h>

#include <arpa/nameser.h>

#include "engine/error.h"
#include "engine/linux/netlink_socket.h"
#include "engine/linux/nftables.h"
#include "engine/linux/socket_address.h"

namespace devc::engine {

namespace {

constexpr std::uint16_t dnsPort = 53;
constexpr std::chrono::seconds patience{2};  // of one upstream; programs ask again after 5
constexpr int batchesAtOnce = 4;             // then others have their turn

const IpAddress& resolverAddress() {
    static const IpAddress address = *IpAddress::parse("127.0.0.11");
    return address;
}

std::span<const std::uint8_t> bytesOf(const std::string& text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

Fd bindSocket(int type) {
    Fd socket(::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    SocketAddress address = SocketAddress::of(resolverAddress(), 0);
    if (!socket || ::bind(socket.get(), address.get(), address.size) != 0) throw SystemError("bind the container's name server", errno);
    if (type == SOCK_STREAM && ::listen(socket.get(), SOMAXCONN) != 0) throw SystemError("listen for names", errno);
    return socket;
}

/// What is sent to the name server's port goes to the socket's, and what the socket sends comes from the name server's. Packet by
/// packet: the kernel tracks no connections in a container for it, which costs every connection, not only those to the name server.
/// Tracking, should the container have rules of its own, sees the name server's port both ways: behind it, and before it.
nft::Table redirection(const ResolverSockets& sockets) {
    constexpr int beforeTracking = -300;  // linux/netfilter_ipv4.h
    nft::Chain questions{"questions", "filter", nft::Hook::Ingress, 0, {}, "lo"};
    nft::Chain answers{"answers", "filter", nft::Hook::Output, beforeTracking, {}};
    const Cidr server = Cidr::of(resolverAddress(), 32);
    for (const auto& [protocol, socket] : {std::pair{nft::Protocol::Udp, sockets.datagram.get()}, {nft::Protocol::Tcp, sockets.stream.get()}}) {
        const std::uint16_t port = SocketAddress::of(socket).port();
        questions.rules.push_back({false, {nft::destination(server), nft::destinationPort(protocol, dnsPort)},
                                   {.kind = nft::Verdict::Kind::RewriteDestinationPort, .address = {}, .port = port, .protocol = protocol}});
        answers.rules.push_back({false, {nft::source(server), nft::sourcePort(protocol, port)},
                                 {.kind = nft::Verdict::Kind::RewriteSourcePort, .address = {}, .port = dnsPort, .protocol = protocol}});
    }
    return {"devc-names", {questions, answers}};
}

std::vector<IpAddress> usableUpstreams(const MonitorPlan& plan) {
    bool hasWayOut = std::any_of(plan.endpoints.begin(), plan.endpoints.end(), [](const EndpointPlan& e) { return !e.gateway4.empty() || !e.gateway6.empty(); });
    auto isNear = [&](const IpAddress& server) {
        return std::any_of(plan.endpoints.begin(), plan.endpoints.end(), [&](const EndpointPlan& endpoint) {
            auto net4 = Cidr::parse(endpoint.ipv4), net6 = Cidr::parse(endpoint.ipv6);
            return (net4 && net4->contains(server)) || (net6 && net6->contains(server));
        });
    };
    std::vector<IpAddress> servers;
    for (const std::string& text : plan.upstreams) {
        auto server = IpAddress::parse(text);
        if (server && (hasWayOut || isNear(*server))) servers.push_back(*server);
    }
    return servers;
}

/// What is said when nobody could be asked: a name without dots is none of the world's.
int codeForUnknown(const DnsQuestion& question) { return question.name.find('.') == std::string::npos ? ns_r_nxdomain : ns_r_servfail; }

}  // namespace

ResolverSockets ResolverSockets::open(int networkNamespace) {
    ResolverSockets sockets;
    withinNetworkNamespace(networkNamespace, [&] {
        sockets.datagram = bindSocket(SOCK_DGRAM);
        sockets.stream = bindSocket(SOCK_STREAM);
    });
    nft::Nftables(networkNamespace).replace({redirection(sockets)});
    return sockets;
}

Resolver::Resolver(EventLoop& loop, const MonitorPlan& plan, ResolverSockets sockets)
    : loop_(loop), sockets_(std::move(sockets)), names_(plan.runDir + "/networks", plan.id, plan.links),
      forwarder_(loop, usableUpstreams(plan), patience) {
    loop_.add(sockets_.datagram.get(), EPOLLIN, [this](std::uint32_t) { receiveDatagrams(); });
    loop_.add(sockets_.stream.get(), EPOLLIN, [this](std::uint32_t) { accept(); });
}

Resolver::~Resolver() {
    loop_.remove(sockets_.datagram.get());
    loop_.remove(sockets_.stream.get());
    for (Connection& connection : connections_) loop_.remove(connection.socket.get());
}

void Resolver::receiveDatagrams() {
    DatagramBatch batch;
    for (int i = 0; i < batchesAtOnce; ++i) {
        const unsigned count = batch.receive(sockets_.datagram.get());
        if (count == 0) return;
        // After they came: what had changed when they were asked is known.
        refresh();
        for (unsigned index = 0; index < count; ++index) answer(batch, index);
        batch.send(sockets_.datagram.get());
        if (count < DatagramBatch::most) return;
    }
}

void Resolver::answer(DatagramBatch& batch, unsigned index) {
    const auto text = batch.text(index);
    if (!batch.isCut(index)) {
        if (std::size_t size = answers_.answer(batch.space(index), text.size())) return batch.answer(index, size);
    }
    // The resolver outlives its forwarder, which is the one who calls back.
    Reply reply = [this, from = batch.sender(index)](const std::string& message) {
        ::sendto(sockets_.datagram.get(), message.data(), message.size(), MSG_NOSIGNAL, from.get(), from.size);
    };
    if (!batch.isCut(index)) return handle(std::string(text.begin(), text.end()), false, std::move(reply));
    if (auto message = askByStream(text)) reply(std::move(*message));
}

void Resolver::refresh() {
    if (names_.refresh()) answers_.clear();
}

void Resolver::handle(const std::string& query, bool byTcp, Reply reply) {
    auto question = parseQuery(bytesOf(query));
    if (!question) {
        if (auto error = formatError(bytesOf(query))) reply(std::move(*error));
        return;
    }
    std::size_t limit = byTcp ? NS_MAXMSG : question->limit;
    if (auto answer = known(*question, limit)) {
        if (!byTcp) answers_.keep(bytesOf(query), bytesOf(*answer));
        return reply(std::move(*answer));
    }
    forwarder_.ask(query, *question, byTcp, [question = *question, limit, reply = std::move(reply)](std::optional<std::string> answer) {
        reply(answer ? fitted(bytesOf(*answer), limit) : encodeReply(question, codeForUnknown(question), {}, limit));
    });
}

/// The answer from the tables; nullopt: the world's matter.
std::optional<std::string> Resolver::known(const DnsQuestion& question, std::size_t limit) {
    if (question.space != ns_c_in) return {};
    std::string name = question.lowerName();
    std::vector<DnsRecord> records;
    if (auto address = question.type == ns_t_ptr ? reverseAddress(name) : std::nullopt) {
        auto record = pointerRecord(names_.nameOf(*address));
        if (!record || names_.nameOf(*address).empty()) return {};
        return encodeReply(question, ns_r_noerror, {*record}, limit);
    }
    auto addresses = names_.addressesOf(name);
    if (!addresses) return {};
    // A name that is known has no other records than these: none is an answer too.
    for (const IpAddress& address : *addresses) {
        DnsRecord record = addressRecord(address);
        if (question.type == record.type || question.type == ns_t_any) records.push_back(std::move(record));
    }
    if (records.size() > 1) std::rotate(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(turn_++ % records.size()), records.end());
    return encodeReply(question, ns_r_noerror, records, limit);
}

}  // namespace devc::engine

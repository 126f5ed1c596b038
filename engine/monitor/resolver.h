#pragma once
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "engine/launch/launch.h"
#include "engine/linux/datagram_batch.h"
#include "engine/linux/event_loop.h"
#include "engine/monitor/answer_cache.h"
#include "engine/monitor/forwarder.h"
#include "engine/monitor/name_directory.h"

namespace devc::engine {

/// Where a container asks for names: bound inside its network namespace.
struct ResolverSockets {
    Fd datagram, stream;
    /// Binds both at 127.0.0.11, on ports of their own to which the namespace's firewall sends what is for port 53: so the
    /// container's programs may bind that one themselves. Throws SystemError.
    static ResolverSockets open(int networkNamespace);
};

/// A container's name server: names of its networks, links, addresses (PTR); the rest is asked of the plan's upstreams from
/// the monitor's own network namespace. A container without a way out may only ask upstreams on its own networks.
class Resolver {
public:
    Resolver(EventLoop& loop, const MonitorPlan& plan, ResolverSockets sockets);
    ~Resolver();
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

private:
    struct Connection {
        std::uint64_t number = 0;
        Fd socket;
        std::string received, unsent;
        unsigned asked = 0;  ///< questions whose answer is to come
    };
    using Place = std::list<Connection>::iterator;
    using Reply = std::function<void(std::string)>;

    void receiveDatagrams();
    void answer(DatagramBatch& batch, unsigned index);
    void accept();
    void serve(Place connection, std::uint32_t events);
    void takeQueries(Connection& connection);
    void reply(std::uint64_t connection, const std::string& message);
    bool flush(Connection& connection);
    void close(Place connection);

    void refresh();
    void handle(const std::string& query, bool byTcp, Reply reply);
    std::optional<std::string> known(const DnsQuestion& question, std::size_t limit);

    EventLoop& loop_;
    ResolverSockets sockets_;
    NameDirectory names_;
    AnswerCache answers_;
    Forwarder forwarder_;
    std::list<Connection> connections_;
    std::uint64_t lastNumber_ = 0;
    std::size_t turn_ = 0;  ///< of rotating a name's addresses
};

}  // namespace devc::engine

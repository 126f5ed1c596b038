#pragma once
#include <chrono>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "engine/linux/event_loop.h"
#include "engine/linux/ip_address.h"
#include "engine/monitor/dns_message.h"

namespace devc::engine {

/// Asks other resolvers, one after the other until one answers. Sockets are made in the caller's own network namespace,
/// one a question, so that its port is a number nobody can guess.
class Forwarder {
public:
    using Answered = std::function<void(std::optional<std::string> reply)>;  ///< nullopt: nobody answered

    /// `patience`: how long one server may take.
    Forwarder(EventLoop& loop, std::vector<IpAddress> servers, std::chrono::nanoseconds patience, std::uint16_t port = 53);
    ~Forwarder();
    Forwarder(const Forwarder&) = delete;
    Forwarder& operator=(const Forwarder&) = delete;

    /// Never waits; `answered` is called later, or at once where there is nobody to ask or too much is asked.
    void ask(const std::string& query, const DnsQuestion& question, bool byTcp, Answered answered);

private:
    struct Exchange {
        std::string query;  ///< with its length before it, by TCP
        DnsQuestion question;
        bool byTcp = false;
        Answered answered;
        std::size_t server = 0, sent = 0;
        std::string received;
        Fd socket;
        std::chrono::steady_clock::time_point deadline;
        std::optional<std::string> refusal;  ///< what to say if no other server does better
    };
    using Place = std::list<Exchange>::iterator;

    void start(Place exchange);
    bool open(Exchange& exchange);
    void next(Place exchange);
    void ready(Place exchange, std::uint32_t events);
    void push(Place exchange);
    void receiveDatagram(Place exchange);
    void receiveStream(Place exchange);
    void replied(Place exchange, std::string reply);
    void finish(Place exchange, std::optional<std::string> reply);
    void expire();
    void armTimer();

    EventLoop& loop_;
    std::vector<IpAddress> servers_;
    std::chrono::nanoseconds patience_;
    std::uint16_t port_;
    std::list<Exchange> exchanges_;
    Timer timer_;
};

}  // namespace devc::engine

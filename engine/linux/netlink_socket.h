#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/linux/fd.h"

struct nl_msg;
struct nlmsghdr;

namespace devc::engine {

/// One netlink request being put together: header of the protocol, then attributes, nested ones too.
class NetlinkRequest {
public:
    /// `header` is the protocol's own (ifinfomsg, nfgenmsg, ...). `capacity` in bytes: a request does not grow.
    template <typename Header>
    NetlinkRequest(int type, int flags, const Header& header, std::size_t capacity = 2048)
        : NetlinkRequest(type, flags, &header, sizeof header, capacity) {}
    ~NetlinkRequest();
    NetlinkRequest(NetlinkRequest&&) noexcept;

    NetlinkRequest& bytes(int attribute, const void* data, std::size_t size);
    NetlinkRequest& text(int attribute, const std::string& value);  ///< ends with a zero byte
    template <typename Value>
    NetlinkRequest& value(int attribute, Value value) { return bytes(attribute, &value, sizeof value); }
    /// What `fill` adds is nested in `attribute`.
    template <typename Fill>
    NetlinkRequest& nested(int attribute, Fill&& fill) {
        void* start = begin(attribute);
        fill();
        end(start);
        return *this;
    }
    /// The protocol's own header of a nested object (the peer of a veth pair).
    NetlinkRequest& append(const void* data, std::size_t size);

    nlmsghdr* header() const;

private:
    NetlinkRequest(int type, int flags, const void* header, std::size_t size, std::size_t capacity);
    void* begin(int attribute);
    void end(void* start);
    nl_msg* message_;
};

/// What the kernel said to one request.
struct NetlinkAnswer {
    int error = 0;        ///< errno, 0: done
    std::string message;  ///< the kernel's explanation, where it has one
};

/// A netlink socket in one network namespace.
class NetlinkSocket {
public:
    explicit NetlinkSocket(int protocol);
    /// In the namespace behind the descriptor, -1: the caller's. The calling thread comes back to its own.
    NetlinkSocket(int protocol, int namespaceFd);

    /// Sends all requests in one message and collects the answer to each of them.
    std::vector<NetlinkAnswer> exchange(std::span<NetlinkRequest> requests);
    /// As exchange, for a batch that is done as a whole: the first error, or none. The request
    /// before the last one (the batch's end) is the one whose acknowledgement is waited for.
    NetlinkAnswer transact(std::span<NetlinkRequest> requests);
    /// Sends one request and shows all messages of its answer.
    void dump(NetlinkRequest& request, const std::function<void(const nlmsghdr*)>& show);

    /// Sends one request and shows its one answer; returns errno, 0 when there was an answer.
    int query(NetlinkRequest& request, const std::function<void(const nlmsghdr*)>& show);

private:
    void send(std::span<NetlinkRequest> requests);
    std::span<const std::byte> receive();

    Fd socket_;
    std::uint32_t sequence_ = 1;
    std::vector<std::byte> buffer_;
};

/// Runs `action` with the calling thread in another network namespace, then returns to its own.
void withinNetworkNamespace(int namespaceFd, const std::function<void()>& action);

}  // namespace devc::engine

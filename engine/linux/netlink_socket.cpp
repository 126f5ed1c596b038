#include "engine/linux/netlink_socket.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>

#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "engine/error.h"

namespace devc::engine {

namespace {

constexpr std::size_t receiveBufferSize = std::size_t{64} * 1024;
constexpr int socketBufferSize = 8 * 1024 * 1024;
constexpr time_t answerTimeoutSeconds = 30;  // the kernel answers at once; only a broken one would not

void require(bool fits) {
    if (!fits) throw Error("a netlink request is larger than expected");
}

NetlinkAnswer answerOf(const nlmsghdr* header) {
    const auto* error = static_cast<const nlmsgerr*>(nlmsg_data(header));
    NetlinkAnswer answer{.error = -error->error, .message = {}};
    if (!(header->nlmsg_flags & NLM_F_ACK_TLVS)) return answer;
    int skip = static_cast<int>(sizeof *error);
    if (!(header->nlmsg_flags & NLM_F_CAPPED)) skip += static_cast<int>(error->msg.nlmsg_len - sizeof(nlmsghdr));
    auto* text = nlmsg_find_attr(const_cast<nlmsghdr*>(header), skip, NLMSGERR_ATTR_MSG);
    if (text) answer.message = nla_get_string(text);
    return answer;
}

template <typename Each>
void eachMessage(std::span<const std::byte> data, Each&& each) {
    int remaining = static_cast<int>(data.size());
    auto* header = reinterpret_cast<nlmsghdr*>(const_cast<std::byte*>(data.data()));
    for (; nlmsg_ok(header, remaining); header = nlmsg_next(header, &remaining)) each(header);
}

}  // namespace

NetlinkRequest::NetlinkRequest(int type, int flags, const void* header, std::size_t size, std::size_t capacity)
    : message_(nlmsg_alloc_size(capacity)) {
    if (!message_) throw std::bad_alloc();
    require(nlmsg_put(message_, 0, 0, type, 0, NLM_F_REQUEST | flags) != nullptr);
    append(header, size);
}

NetlinkRequest::~NetlinkRequest() { if (message_) nlmsg_free(message_); }
NetlinkRequest::NetlinkRequest(NetlinkRequest&& other) noexcept : message_(std::exchange(other.message_, nullptr)) {}

NetlinkRequest& NetlinkRequest::bytes(int attribute, const void* data, std::size_t size) {
    require(nla_put(message_, attribute, static_cast<int>(size), data) == 0);
    return *this;
}

NetlinkRequest& NetlinkRequest::text(int attribute, const std::string& value) {
    return bytes(attribute, value.c_str(), value.size() + 1);
}

NetlinkRequest& NetlinkRequest::append(const void* data, std::size_t size) {
    require(nlmsg_append(message_, const_cast<void*>(data), size, NLMSG_ALIGNTO) == 0);
    return *this;
}

void* NetlinkRequest::begin(int attribute) {
    nlattr* start = nla_nest_start(message_, attribute);
    require(start != nullptr);
    return start;
}

void NetlinkRequest::end(void* start) { nla_nest_end_keep_empty(message_, static_cast<nlattr*>(start)); }

nlmsghdr* NetlinkRequest::header() const { return nlmsg_hdr(message_); }

NetlinkSocket::NetlinkSocket(int protocol) : socket_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)) {
    if (!socket_) throw SystemError("open a netlink socket", errno);
    int on = 1;
    // Explanations instead of bare numbers, answers without a copy of the request. Older kernels lack them: no harm.
    ::setsockopt(socket_.get(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
    ::setsockopt(socket_.get(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
    timeval timeout{.tv_sec = answerTimeoutSeconds, .tv_usec = 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
}

NetlinkSocket::NetlinkSocket(int protocol, int namespaceFd) : NetlinkSocket(protocol) {
    if (namespaceFd < 0) return;
    withinNetworkNamespace(namespaceFd, [&] { *this = NetlinkSocket(protocol); });
}

void NetlinkSocket::send(std::span<NetlinkRequest> requests) {
    std::vector<iovec> parts;
    std::size_t total = 0;
    for (auto& request : requests) {
        nlmsghdr* header = request.header();
        header->nlmsg_seq = sequence_++;
        header->nlmsg_pid = 0;
        parts.push_back({header, NLMSG_ALIGN(header->nlmsg_len)});
        total += parts.back().iov_len;
    }
    if (total > receiveBufferSize) {
        int size = std::max(socketBufferSize, static_cast<int>(total * 2));
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    }
    // One contiguous buffer: sendmsg takes at most 1024 pieces.
    std::vector<std::byte> joined;
    joined.reserve(total);
    for (const iovec& part : parts) {
        const auto* data = static_cast<const std::byte*>(part.iov_base);
        joined.insert(joined.end(), data, data + part.iov_len);
    }
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    ssize_t sent;
    do {
        sent = ::sendto(socket_.get(), joined.data(), joined.size(), 0, reinterpret_cast<sockaddr*>(&kernel), sizeof kernel);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0)
        throw SystemError("send a netlink request", errno);
}

std::span<const std::byte> NetlinkSocket::receive() {
    buffer_.resize(receiveBufferSize);
    for (;;) {
        ssize_t size = ::recv(socket_.get(), buffer_.data(), buffer_.size(), 0);
        if (size >= 0) return {buffer_.data(), static_cast<std::size_t>(size)};
        if (errno != EINTR) throw SystemError("receive the answer to a netlink request", errno);
    }
}

std::vector<NetlinkAnswer> NetlinkSocket::exchange(std::span<NetlinkRequest> requests) {
    if (requests.empty()) return {};  // the kernel refuses to be asked nothing
    std::vector<NetlinkAnswer> answers(requests.size());
    for (auto& request : requests) request.header()->nlmsg_flags |= NLM_F_ACK;
    std::uint32_t first = sequence_;
    send(requests);
    for (std::size_t missing = requests.size(); missing > 0;) {
        eachMessage(receive(), [&](const nlmsghdr* header) {
            std::uint32_t index = header->nlmsg_seq - first;
            if (header->nlmsg_type != NLMSG_ERROR || index >= answers.size()) return;
            answers[index] = answerOf(header);
            --missing;
        });
    }
    return answers;
}

NetlinkAnswer NetlinkSocket::transact(std::span<NetlinkRequest> requests) {
    std::uint32_t first = sequence_;
    std::uint32_t last = first + static_cast<std::uint32_t>(requests.size()) - 2;
    requests[requests.size() - 2].header()->nlmsg_flags |= NLM_F_ACK;
    send(requests);
    NetlinkAnswer result;
    for (bool done = false; !done;) {
        eachMessage(receive(), [&](const nlmsghdr* header) {
            if (header->nlmsg_type != NLMSG_ERROR || header->nlmsg_seq - first >= requests.size()) return;
            NetlinkAnswer answer = answerOf(header);
            if (answer.error && !result.error) result = answer;
            // An error of the commit itself is answered to the first message of the batch.
            if (header->nlmsg_seq == last || header->nlmsg_seq == first) done = true;
        });
    }
    return result;
}

void NetlinkSocket::dump(NetlinkRequest& request, const std::function<void(const nlmsghdr*)>& show) {
    request.header()->nlmsg_flags |= NLM_F_DUMP;
    std::uint32_t sequence = sequence_;
    send({&request, 1});
    int error = 0;
    for (bool done = false; !done;) {
        eachMessage(receive(), [&](const nlmsghdr* header) {
            if (header->nlmsg_seq != sequence) return;
            if (header->nlmsg_type == NLMSG_DONE) done = true;
            else if (header->nlmsg_type == NLMSG_ERROR) { error = answerOf(header).error; done = true; }
            else show(header);
        });
    }
    if (error) throw SystemError("list objects of the network", error);
}

int NetlinkSocket::query(NetlinkRequest& request, const std::function<void(const nlmsghdr*)>& show) {
    std::uint32_t sequence = sequence_;
    send({&request, 1});
    int error = 0;
    for (bool done = false; !done;) {
        eachMessage(receive(), [&](const nlmsghdr* header) {
            if (header->nlmsg_seq != sequence) return;
            if (header->nlmsg_type == NLMSG_ERROR) error = answerOf(header).error;
            else show(header);
            done = true;
        });
    }
    return error;
}

void withinNetworkNamespace(int namespaceFd, const std::function<void()>& action) {
    Fd own = openFile("/proc/thread-self/ns/net", O_RDONLY);
    if (::setns(namespaceFd, CLONE_NEWNET) != 0) throw SystemError("enter a network namespace", errno);
    struct Return {
        int back;
        ~Return() {
            // A thread left in a container's namespace would do everything after in the wrong place.
            if (::setns(back, CLONE_NEWNET) != 0) std::terminate();
        }
    } returning{own.get()};
    action();
}

}  // namespace devc::engine

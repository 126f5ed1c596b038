#include "engine/linux/message.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/error.h"

namespace devc::engine {

namespace {

constexpr size_t maximumDescriptors = 16, leastText = 4096;  // a stream does not say how much there is

/// Through the folder's descriptor: an address has room for 107 bytes only.
sockaddr_un addressIn(int folder, const char* name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::string path = fmt::format("/proc/self/fd/{}/{}", folder, name);
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
}

}  // namespace

std::pair<Fd, Fd> messagePair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) throw SystemError("make a socket pair", errno);
    return {Fd(ends[0]), Fd(ends[1])};
}

Fd listenIn(const std::string& folder, const char* name) {
    Fd parent = openFile(folder, O_PATH | O_DIRECTORY);
    Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address = addressIn(parent.get(), name);
    ::unlinkat(parent.get(), name, 0);
    if (!socket || ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::fchmodat(parent.get(), name, 0600, 0) != 0 || ::listen(socket.get(), 64) != 0)
        throw SystemError(fmt::format("listen on {}/{}", folder, name), errno);
    return socket;
}

Fd connectTo(const std::string& folder, const char* name) {
    Fd parent(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    if (!parent) return {};
    sockaddr_un address = addressIn(parent.get(), name);
    if (!socket || ::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return {};
    return socket;
}

bool send(int socket, std::string_view text, const std::vector<int>& descriptors) {
    iovec part{const_cast<char*>(text.data()), text.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * maximumDescriptors)]{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (!descriptors.empty()) {
        message.msg_control = control;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * descriptors.size());
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * descriptors.size());
        std::memcpy(CMSG_DATA(header), descriptors.data(), sizeof(int) * descriptors.size());
    }
    for (;;) {
        if (::sendmsg(socket, &message, MSG_NOSIGNAL) >= 0) return true;
        if (errno == EINTR) continue;
        if (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN || errno == EAGAIN) return false;
        throw SystemError("send a message", errno);
    }
}

std::optional<Message> receive(int socket) {
    ssize_t size;
    char first;
    do {
        size = ::recv(socket, &first, sizeof first, MSG_PEEK | MSG_TRUNC);  // of the whole message: what does not fit would be cut off
    } while (size < 0 && errno == EINTR);
    if (size <= 0) return {};
    Message result;
    result.text.resize(std::max(static_cast<size_t>(size), leastText));
    iovec part{result.text.data(), result.text.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * maximumDescriptors)]{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    ssize_t got;
    do {
        got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) return {};
    result.text.resize(static_cast<size_t>(got));
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; ++i) {
            int descriptor;
            std::memcpy(&descriptor, CMSG_DATA(header) + i * sizeof(int), sizeof descriptor);
            result.descriptors.emplace_back(descriptor);
        }
    }
    return result;
}

bool hasHungUp(int socket) {
    pollfd other{socket, POLLRDHUP, 0};
    return ::poll(&other, 1, 0) == 1 && (other.revents & (POLLRDHUP | POLLHUP | POLLERR));
}

}  // namespace devc::engine

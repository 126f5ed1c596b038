#pragma once
#include <array>
#include <cstdint>
#include <span>

#include <netinet/in.h>
#include <sys/socket.h>

#include "engine/linux/socket_address.h"

namespace devc::engine {

/// Datagrams that one call takes from an IPv4 socket, and their answers, which one call sends. An answer is written where its
/// question was. Lives on the stack: pages of it that no datagram comes to are never touched.
class DatagramBatch {
public:
    static constexpr unsigned most = 16;        ///< datagrams
    static constexpr std::size_t room = 512;    ///< bytes of each; what is longer is cut

    DatagramBatch();
    DatagramBatch(const DatagramBatch&) = delete;

    /// Takes what has come, without waiting. Returns how many.
    unsigned receive(int socket);

    std::span<const std::uint8_t> text(unsigned index) const { return {buffers_[index].data(), vectors_[index].iov_len}; }
    bool isCut(unsigned index) const { return messages_[index].msg_hdr.msg_flags & MSG_TRUNC; }
    SocketAddress sender(unsigned index) const;

    /// Where the answer goes.
    std::span<std::uint8_t, room> space(unsigned index) { return buffers_[index]; }
    /// `size` bytes of it are to be sent back; each datagram once, in the order in which they came.
    void answer(unsigned index, std::size_t size);
    /// Sends the answers. One that cannot be sent is lost, as datagrams are, and keeps none of the others back.
    void send(int socket);

private:
    std::array<mmsghdr, most> messages_;
    std::array<iovec, most> vectors_;
    std::array<sockaddr_in, most> senders_;
    std::array<mmsghdr, most> answers_;
    unsigned answered_ = 0;
    std::array<std::array<std::uint8_t, room>, most> buffers_;
};

}  // namespace devc::engine

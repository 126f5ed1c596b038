#include "engine/linux/datagram_batch.h"

#include <cstring>

namespace devc::engine {

DatagramBatch::DatagramBatch() {
    for (unsigned i = 0; i < most; ++i) {
        vectors_[i].iov_base = buffers_[i].data();
        messages_[i].msg_hdr = {};
        messages_[i].msg_hdr.msg_name = &senders_[i];
        messages_[i].msg_hdr.msg_iov = &vectors_[i];
        messages_[i].msg_hdr.msg_iovlen = 1;
    }
}

unsigned DatagramBatch::receive(int socket) {
    answered_ = 0;
    for (unsigned i = 0; i < most; ++i) {
        vectors_[i].iov_len = room;
        messages_[i].msg_hdr.msg_namelen = sizeof senders_[i];
    }
    int count = ::recvmmsg(socket, messages_.data(), most, MSG_DONTWAIT, nullptr);
    for (int i = 0; i < count; ++i) vectors_[static_cast<unsigned>(i)].iov_len = messages_[static_cast<unsigned>(i)].msg_len;
    return count < 0 ? 0 : static_cast<unsigned>(count);
}

SocketAddress DatagramBatch::sender(unsigned index) const {
    SocketAddress address;
    address.size = sizeof senders_[index];
    std::memcpy(&address.storage, &senders_[index], address.size);
    return address;
}

void DatagramBatch::answer(unsigned index, std::size_t size) {
    vectors_[index].iov_len = size;
    answers_[answered_++] = messages_[index];
}

void DatagramBatch::send(int socket) {
    for (unsigned sent = 0; sent < answered_;) {
        int count = ::sendmmsg(socket, &answers_[sent], answered_ - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        // What fails is the first of those that are left.
        sent += count > 0 ? static_cast<unsigned>(count) : 1;
    }
    answered_ = 0;
}

}  // namespace devc::engine

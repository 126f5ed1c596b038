#include "engine/monitor/remote_log.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "engine/error.h"

namespace devc::engine {

namespace {

using namespace std::chrono_literals;

constexpr int firstConnectionMilliseconds = 10'000;
constexpr auto lastDelivery = 5s;
constexpr std::chrono::nanoseconds longestWait = 60s, shortestWait = 50ms;

std::string randomId() {
    std::array<unsigned char, 32> bytes{};
    (void)!::getrandom(bytes.data(), bytes.size(), 0);
    std::string text;
    for (unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
    return text;
}

}  // namespace

RemoteLog::RemoteLog(EventLoop& loop, const LogDelivery& delivery, std::unique_ptr<LogEncoder> encoder)
    : loop_(loop), delivery_(delivery), encoder_(std::move(encoder)), queue_(delivery.bufferSize), retry_(loop, [this] { connect(); }),
      deadline_(loop, [this] { giveUp(); }) {
    if (delivery_.waitsForReceiver) connectFirst();
    else connect();
}

RemoteLog::~RemoteLog() { unwatch(); }

void RemoteLog::connectFirst() {
    socket_ = openLogSocket(delivery_.address);
    pollfd ready{socket_.descriptor.get(), POLLOUT, 0};
    if (::poll(&ready, 1, firstConnectionMilliseconds) == 0) throw Error::of("{} does not answer", delivery_.address ? textOf(*delivery_.address) : "syslog");
    checkConnected(socket_, delivery_.address);
    connected();
}

void RemoteLog::connect() {
    retrying_ = false;
    try {
        socket_ = openLogSocket(delivery_.address);
        watch(EPOLLOUT);
    } catch (const Error&) {
        lost();
    }
}

void RemoteLog::connected() {
    connected_ = true;
    failures_ = 0;
    watch(listening());
    flush();
}

/// There is no connection, or no longer one.
void RemoteLog::lost() {
    unwatch();
    socket_ = {};
    connected_ = false;
    packet_ = offset_ = 0;  // a receiver gets whole messages
    relieve();
    if (closing_) return giveUp();
    ++failures_;
    if (delivery_.maximumRetries && failures_ > *delivery_.maximumRetries) {
        queue_.clear();
        packets_.clear();
        failures_ = 0;
        return;  // the next message tries again
    }
    auto wait = std::max(delivery_.retryWait, shortestWait);
    for (unsigned i = 1; i < failures_ && wait < longestWait; ++i) wait += wait / 2;
    retrying_ = true;
    retry_.set(std::min(wait, longestWait));
}

void RemoteLog::giveUp() {
    unwatch();
    socket_ = {};
    connected_ = retrying_ = false;
    retry_.clear();
    deadline_.clear();
    queue_.clear();
    packets_.clear();
    settled_ = closing_;
    if (settled_ && onSettled) onSettled();
}

void RemoteLog::watch(std::uint32_t events) {
    if (watched_ && events == watched_) return;
    if (!events) return unwatch();
    if (watched_) loop_.change(socket_.descriptor.get(), events);
    else loop_.add(socket_.descriptor.get(), events, [this](std::uint32_t happened) { served(happened); });
    watched_ = events;
}

/// A stream tells when its receiver goes.
std::uint32_t RemoteLog::listening() const { return socket_.isStream ? std::uint32_t{EPOLLIN} : 0; }

void RemoteLog::unwatch() {
    if (watched_) loop_.remove(socket_.descriptor.get());
    watched_ = 0;
}

void RemoteLog::served(std::uint32_t events) {
    if (!connected_) {
        try {
            checkConnected(socket_, delivery_.address);
        } catch (const SystemError&) {
            return lost();
        }
        return connected();
    }
    if (events & (EPOLLIN | EPOLLERR | EPOLLHUP) && socket_.isStream) {
        std::array<char, 4096> said{};  // receivers say nothing that matters here
        ssize_t got = ::recv(socket_.descriptor.get(), said.data(), said.size(), 0);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return lost();
    }
    flush();
}

void RemoteLog::write(int stream, std::string_view data, std::int64_t moment) {
    lines_[stream].feed(data, [&](std::string_view line) { take(stream, line, moment); });
    flush();
}

void RemoteLog::finish(int stream, std::int64_t moment) {
    lines_[stream].end([&](std::string_view rest) { take(stream, rest, moment); });
    parts_[stream].reset();
    flush();
}

void RemoteLog::take(int stream, std::string_view line, std::int64_t moment) {
    bool complete = line.ends_with('\n');
    if (complete) line.remove_suffix(1);
    std::optional<LogPart>& part = parts_[stream];
    if (part) ++part->number;
    else if (!complete) part = LogPart{randomId(), 1, false};
    if (part) part->last = complete;
    bool waits = delivery_.holdsBack && connected_;
    if (!queue_.isFull() || waits) queue_.push({std::string(line), moment, stream == 1, part});
    if (complete) part.reset();
    if (!connected_ && !retrying_ && !socket_.descriptor && !closing_) connect();
}

void RemoteLog::flush() {
    while (connected_ && encodeNext()) {
        if (!sendCurrent()) break;
    }
    if (!connected_) return;
    full_ = delivery_.holdsBack && (full_ ? !queue_.hasRoom() : queue_.isFull());
    if (!full_ && onRoom) onRoom();
    if (closing_ && queue_.isEmpty() && packets_.empty()) giveUp();
}

/// False if there is nothing to send.
bool RemoteLog::encodeNext() {
    while (packets_.empty() && !queue_.isEmpty()) {
        packets_ = encoder_->encode(queue_.front().message());
        queue_.pop();
        packet_ = offset_ = 0;
    }
    return !packets_.empty();
}

/// False if the receiver takes nothing more for now.
bool RemoteLog::sendCurrent() {
    while (packet_ < packets_.size()) {
        std::string_view rest = std::string_view(packets_[packet_]).substr(offset_);
        ssize_t put = ::send(socket_.descriptor.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0 && errno == EAGAIN) {
            watch(EPOLLOUT | listening());
            return false;
        }
        // A datagram is refused for the one before it, which had no receiver.
        if (put < 0 && !socket_.isStream && socket_.isInternet && !std::exchange(refused_, true)) continue;
        if (put < 0 && (socket_.isStream || (!socket_.isInternet && errno != EMSGSIZE && errno != ENOBUFS))) {
            lost();
            return false;
        }
        refused_ = false;
        offset_ += put > 0 ? static_cast<size_t>(put) : 0;
        if (socket_.isStream && offset_ < packets_[packet_].size()) continue;
        ++packet_;
        offset_ = 0;
    }
    packets_.clear();
    watch(listening());
    return true;
}

void RemoteLog::relieve() {
    if (std::exchange(full_, false) && onRoom) onRoom();
}

void RemoteLog::close() {
    closing_ = true;
    deadline_.set(lastDelivery);
    if (!connected_ && !socket_.descriptor) {
        retry_.clear();
        if (queue_.isEmpty() && packets_.empty()) return giveUp();
        return connect();
    }
    flush();
}

}  // namespace devc::engine

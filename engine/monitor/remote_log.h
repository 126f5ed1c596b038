#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/linux/event_loop.h"
#include "engine/log/delivery.h"
#include "engine/log/message.h"
#include "engine/monitor/line_splitter.h"
#include "engine/monitor/log_queue.h"
#include "engine/monitor/log_socket.h"

namespace devc::engine {

/// Takes a container's output to the receiver of its logging driver. Nothing here waits: a receiver that is slow holds the
/// container back or, in non-blocking mode, misses what the queue has no room for; one that has gone is looked for again
/// and again, and misses what comes meanwhile beyond the queue.
class RemoteLog {
public:
    /// Connects. Throws Error if the delivery needs a receiver and there is none (waits for ten seconds at most).
    RemoteLog(EventLoop& loop, const LogDelivery& delivery, std::unique_ptr<LogEncoder> encoder);
    ~RemoteLog();

    void write(int stream, std::string_view data, std::int64_t moment);
    void finish(int stream, std::int64_t moment);
    /// Nothing more should be read from the container until onRoom.
    bool isFull() const { return full_; }
    std::function<void()> onRoom;

    /// The last output was written: the receiver, if there is one, is given five seconds to take what is left.
    void close();
    bool isSettled() const { return settled_; }
    std::function<void()> onSettled;

private:
    void connectFirst();
    void connect();
    void connected();
    void lost();
    void giveUp();
    void watch(std::uint32_t events);
    void unwatch();
    std::uint32_t listening() const;
    void served(std::uint32_t events);
    void take(int stream, std::string_view line, std::int64_t moment);
    void flush();
    bool sendCurrent();
    bool encodeNext();
    void relieve();

    EventLoop& loop_;
    LogDelivery delivery_;
    std::unique_ptr<LogEncoder> encoder_;
    LineSplitter lines_[2];
    std::optional<LogPart> parts_[2];  ///< of the line that is being cut
    LogQueue queue_;
    std::vector<std::string> packets_;  ///< of the message that is being sent
    size_t packet_ = 0, offset_ = 0;
    LogSocket socket_;
    bool connected_ = false, retrying_ = false, refused_ = false, full_ = false, closing_ = false, settled_ = false;
    std::uint32_t watched_ = 0;
    unsigned failures_ = 0;
    Timer retry_, deadline_;
};

}  // namespace devc::engine

#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/digest.h"
#include "engine/linux/wakeup.h"

namespace devc::engine::transfer {

/// A stream of bytes that is pulled. Stages are put one behind the other: file -> hash -> decompress -> unpack.
class Source {
public:
    virtual ~Source() = default;
    /// The next bytes, valid until the next call; empty at the end. Throws Error.
    virtual std::string_view read() = 0;
};

constexpr std::size_t chunkSize = 1 << 20;

/// Reads a descriptor that it does not own. cancel() from another thread makes a waiting read() end as if at the end.
class FdSource : public Source {
public:
    explicit FdSource(int descriptor);
    std::string_view read() override;
    void cancel();

private:
    int descriptor_;
    Wakeup wake_;
    std::vector<char> buffer_;
};

/// Shows every chunk to `look` as it passes.
class TeeSource : public Source {
public:
    TeeSource(Source& inner, std::function<void(std::string_view)> look) : inner_(inner), look_(std::move(look)) {}
    std::string_view read() override {
        std::string_view data = inner_.read();
        if (!data.empty()) look_(data);
        return data;
    }

private:
    Source& inner_;
    std::function<void(std::string_view)> look_;
};

/// A bounded hand-over of chunks between two threads.
class ChunkQueue {
public:
    /// Waits while the queue is full. False when the reader has gone.
    bool push(std::string_view data);
    /// No more chunks; with `error` the reader throws it after the chunks.
    void finish(std::exception_ptr error = nullptr);
    /// The reader does not want more: writers stop.
    void abandon();
    /// Replaces `chunk` by the next one; false at the end. Throws what finish() was given.
    bool pop(std::string& chunk);

private:
    static constexpr std::size_t capacity = 6;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> chunks_;
    std::vector<std::string> spare_;  ///< buffers to use again
    bool finished_ = false, abandoned_ = false;
    std::exception_ptr error_;
};

class QueueSource : public Source {
public:
    explicit QueueSource(ChunkQueue& queue) : queue_(queue) {}
    std::string_view read() override { return queue_.pop(chunk_) ? std::string_view(chunk_) : std::string_view{}; }

private:
    ChunkQueue& queue_;
    std::string chunk_;
};

/// Runs the stages before it in a thread of its own.
class ThreadSource : public Source {
public:
    /// `cancel` must make a waiting inner.read() return; called when the reader goes before the end.
    explicit ThreadSource(Source& inner, std::function<void()> cancel = {});
    ~ThreadSource() override;
    std::string_view read() override { return reader_.read(); }

private:
    ChunkQueue queue_;
    QueueSource reader_;
    std::function<void()> cancel_;
    std::thread thread_;
};

/// Gives the first bytes to look at before they are read.
class PeekSource : public Source {
public:
    explicit PeekSource(Source& inner) : inner_(inner) {}
    /// At least `count` bytes if the stream has so many; at most that many matter to the caller.
    std::string_view peek(std::size_t count);
    std::string_view read() override;

private:
    Source& inner_;
    std::string head_;
    bool served_ = false;
};

}  // namespace devc::engine::transfer

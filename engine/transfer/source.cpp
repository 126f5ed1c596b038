#include "engine/transfer/source.h"

#include <cerrno>
#include <poll.h>
#include <unistd.h>

#include "engine/error.h"

namespace devc::engine::transfer {

FdSource::FdSource(int descriptor) : descriptor_(descriptor), buffer_(chunkSize) {}

std::string_view FdSource::read() {
    for (;;) {
        pollfd waits[2] = {{descriptor_, POLLIN, 0}, {wake_.descriptor(), POLLIN, 0}};
        if (::poll(waits, 2, -1) < 0) {
            if (errno == EINTR) continue;
            throw SystemError("wait for input", errno);
        }
        if (waits[1].revents != 0) return {};
        ssize_t got = ::read(descriptor_, buffer_.data(), buffer_.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw SystemError("read input", errno);
        return {buffer_.data(), static_cast<std::size_t>(got)};
    }
}

void FdSource::cancel() { wake_.raise(); }

bool ChunkQueue::push(std::string_view data) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return chunks_.size() < capacity || abandoned_; });
    if (abandoned_) return false;
    std::string buffer;
    if (!spare_.empty()) {
        buffer = std::move(spare_.back());
        spare_.pop_back();
    }
    lock.unlock();
    buffer.assign(data);
    lock.lock();
    chunks_.push_back(std::move(buffer));
    changed_.notify_all();
    return !abandoned_;
}

void ChunkQueue::finish(std::exception_ptr error) {
    std::lock_guard lock(mutex_);
    finished_ = true;
    error_ = error;
    changed_.notify_all();
}

void ChunkQueue::abandon() {
    std::lock_guard lock(mutex_);
    abandoned_ = true;
    chunks_.clear();
    changed_.notify_all();
}

bool ChunkQueue::pop(std::string& chunk) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !chunks_.empty() || finished_; });
    if (chunks_.empty()) {
        if (error_) std::rethrow_exception(error_);
        return false;
    }
    if (spare_.size() < capacity && chunk.capacity() > 0) spare_.push_back(std::move(chunk));
    chunk = std::move(chunks_.front());
    chunks_.pop_front();
    changed_.notify_all();
    return true;
}

ThreadSource::ThreadSource(Source& inner, std::function<void()> cancel)
    : reader_(queue_), cancel_(std::move(cancel)), thread_([this, &inner] {
          try {
              for (std::string_view data = inner.read(); !data.empty(); data = inner.read()) {
                  if (!queue_.push(data)) break;
              }
              queue_.finish();
          } catch (...) {
              queue_.finish(std::current_exception());
          }
      }) {}

ThreadSource::~ThreadSource() {
    queue_.abandon();
    if (cancel_) cancel_();
    thread_.join();
}

std::string_view PeekSource::peek(std::size_t count) {
    while (head_.size() < count) {
        std::string_view more = inner_.read();
        if (more.empty()) break;
        head_ += more;
    }
    return head_;
}

std::string_view PeekSource::read() {
    if (!served_) {
        served_ = true;
        if (!head_.empty()) return head_;
    }
    return inner_.read();
}

}  // namespace devc::engine::transfer

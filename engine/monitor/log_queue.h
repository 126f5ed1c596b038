#pragma once
#include <cstdint>
#include <deque>
#include <string>

#include "engine/log/message.h"

namespace devc::engine {

/// Messages that a receiver has not taken yet. They are kept as they came, and encoded when their turn is there: encoded
/// ones are many times as large.
class LogQueue {
public:
    struct Entry {
        std::string text;
        std::int64_t moment = 0;
        bool fromStderr = false;
        std::optional<LogPart> part;

        LogMessage message() const { return {text, fromStderr, moment, part}; }
        std::uint64_t size() const { return text.size() + sizeof(Entry); }
    };

    explicit LogQueue(std::uint64_t capacity) : capacity_(capacity) {}

    bool isEmpty() const { return entries_.empty(); }
    /// Holds as much as it is meant to.
    bool isFull() const { return size_ >= capacity_; }
    /// Has room for a good deal again.
    bool hasRoom() const { return size_ <= capacity_ / 2; }
    void push(Entry entry) {
        size_ += entry.size();
        entries_.push_back(std::move(entry));
    }
    const Entry& front() const { return entries_.front(); }
    void pop() {
        size_ -= entries_.front().size();
        entries_.pop_front();
    }
    void clear() {
        entries_.clear();
        size_ = 0;
    }

private:
    std::uint64_t capacity_, size_ = 0;
    std::deque<Entry> entries_;
};

}  // namespace devc::engine

#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace devc::engine {

/// Answers from the name tables, ready to be given again: programs ask for the same few names. For datagrams, whose limit is
/// part of the question. To be cleared when the tables change.
class AnswerCache {
public:
    /// Writes the answer over the query, whose first `size` bytes of `message` it is. A name's addresses are one place further
    /// each time. Returns the answer's size; 0: none is kept, or there is not room enough.
    std::size_t answer(std::span<std::uint8_t> message, std::size_t size);

    /// Keeps what encodeReply made for the query; not what is truncated or has records of several types, and the oldest
    /// answer no longer where there are many.
    void keep(std::span<const std::uint8_t> query, std::span<const std::uint8_t> reply);
    void clear() { entries_.clear(); }

private:
    struct Entry {
        std::string query, reply;  ///< without their identifiers
        std::size_t recordsAt = 0, recordSize = 0, records = 0;  ///< in the reply
    };
    std::vector<Entry> entries_;
    std::size_t oldest_ = 0;
};

}  // namespace devc::engine

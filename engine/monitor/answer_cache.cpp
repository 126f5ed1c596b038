#include "engine/monitor/answer_cache.h"

#include <algorithm>
#include <cstring>

#include "engine/monitor/dns_message.h"

namespace devc::engine {

namespace {

constexpr std::size_t identifierSize = 2;
constexpr std::size_t mostEntries = 16, longestQuery = 300, longestReply = 512;  // a monitor is to stay small

std::string withoutIdentifier(std::span<const std::uint8_t> message) {
    return std::string(reinterpret_cast<const char*>(message.data()), message.size()).substr(identifierSize);
}

}  // namespace

std::size_t AnswerCache::answer(std::span<std::uint8_t> message, std::size_t size) {
    if (size < identifierSize) return 0;
    const std::size_t rest = size - identifierSize;
    for (Entry& entry : entries_) {
        if (entry.query.size() != rest || std::memcmp(entry.query.data(), &message[identifierSize], rest) != 0) continue;
        if (identifierSize + entry.reply.size() > message.size()) return 0;
        if (entry.records > 1) {
            char* first = entry.reply.data() + entry.recordsAt;
            std::rotate(first, first + entry.recordSize, first + entry.recordSize * entry.records);
        }
        std::memcpy(&message[identifierSize], entry.reply.data(), entry.reply.size());
        return identifierSize + entry.reply.size();
    }
    return 0;
}

void AnswerCache::keep(std::span<const std::uint8_t> query, std::span<const std::uint8_t> reply) {
    auto records = recordsOf(reply);
    if (!records || query.size() > longestQuery || reply.size() > longestReply) return;
    Entry entry{.query = withoutIdentifier(query), .reply = withoutIdentifier(reply), .recordsAt = records->at - identifierSize,
                .recordSize = records->size, .records = records->count};
    if (entries_.size() < mostEntries) return entries_.push_back(std::move(entry));
    entries_[oldest_++ % mostEntries] = std::move(entry);
}

}  // namespace devc::engine

#include "engine/monitor/dns_message.h"

#include "tests/fuzz/input.h"

using namespace devc::engine;

/// What a container sends to 127.0.0.11, and what an upstream answers.
void fuzz(std::string_view text) {
    const std::span<const std::uint8_t> message(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    formatError(message);
    fitted(message, 512);
    recordsOf(message);
    askByStream(message);
    const std::optional<DnsQuestion> question = parseQuery(message);
    if (!question) return;
    reverseAddress(question->lowerName());
    isReplyTo(message, *question);
    if (text.size() >= 12) replyCode(message);
    std::vector<DnsRecord> records(3, addressRecord(IpAddress::v4(0x0a000001)));
    if (const std::optional<DnsRecord> name = pointerRecord(question->name)) records.push_back(*name);
    encodeReply(*question, 0, records, question->limit);
}

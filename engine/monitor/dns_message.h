#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/linux/ip_address.h"

namespace devc::engine {

/// What a query asks (RFC 1035, 4.1.2), with what its answer has to repeat.
struct DnsQuestion {
    std::uint16_t id = 0;
    std::string name;           ///< as asked, escaped as in zone files, without the last dot
    std::uint16_t type = 0;     ///< ns_t_a, ...
    std::uint16_t space = 0;    ///< ns_c_in, ...
    bool recursion = false;     ///< wanted
    bool extended = false;      ///< came with EDNS (RFC 6891)
    std::size_t limit = 512;    ///< bytes that a UDP answer may have

    std::string lowerName() const;
};

/// nullopt: not a query, or not one that can be read.
std::optional<DnsQuestion> parseQuery(std::span<const std::uint8_t> message);

struct DnsRecord {
    std::uint16_t type = 0;
    std::string data;  ///< as on the wire
};
DnsRecord addressRecord(const IpAddress& address);
/// nullopt: not a name.
std::optional<DnsRecord> pointerRecord(const std::string& name);

/// The address of "4.3.2.1.in-addr.arpa" or of an ip6.arpa name; nullopt: neither.
std::optional<IpAddress> reverseAddress(const std::string& lowerName);

/// An answer of at most `limit` bytes; with the truncation bit if not all records fit in.
std::string encodeReply(const DnsQuestion& question, int code, const std::vector<DnsRecord>& records, std::size_t limit);
/// Where the answers of a reply stand that are all of one type and size.
struct AnswerRecords {
    std::size_t at = 0, size = 0, count = 0;  ///< offset of the first, bytes of each, how many
};
/// nullopt: the reply is truncated, cannot be read, or they differ.
std::optional<AnswerRecords> recordsOf(std::span<const std::uint8_t> reply);
/// What a query is answered of which only the beginning came: that it be asked by TCP. nullopt: not even its question came.
std::optional<std::string> askByStream(std::span<const std::uint8_t> beginning);
/// "Format error" for what parseQuery refused; nullopt: it has not even a header, or is no query.
std::optional<std::string> formatError(std::span<const std::uint8_t> message);

/// True if the message answers this query: identifier and question are the same.
bool isReplyTo(std::span<const std::uint8_t> message, const DnsQuestion& question);
int replyCode(std::span<const std::uint8_t> reply);
/// A reply as it may be sent by UDP: where it is longer than the limit, its question with the truncation bit.
std::string fitted(std::span<const std::uint8_t> reply, std::size_t limit);

}  // namespace devc::engine

#include "engine/monitor/dns_message.h"

#include <algorithm>
#include <charconv>

#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>

namespace devc::engine {

namespace {

// The second 16 bits of the header (RFC 1035, 4.1.1).
constexpr unsigned replyFlag = 0x8000, truncatedFlag = 0x0200, recursionWanted = 0x0100, recursionAvailable = 0x0080, codeMask = 0xf;
constexpr std::size_t flagsAt = 2, questionsAt = 4, answersAt = 6;
constexpr std::size_t smallestLimit = NS_PACKETSZ, ownLimit = 4096;
constexpr std::uint32_t secondsToLive = 600;
constexpr unsigned firstNamePointer = 0xc000 | NS_HFIXEDSZ;  // compression: the name of the question

struct ReverseZone {
    std::string_view suffix;
    std::size_t count;  ///< of numbers before it
    int base;
    unsigned largest;
    bool isV6;
};
constexpr ReverseZone reverseZones[] = {
    {".in-addr.arpa", 4, 10, 255, false},
    {".ip6.arpa", 32, 16, 15, true},
};

unsigned number(std::span<const std::uint8_t> message, std::size_t at) { return ns_get16(message.data() + at); }

/// Writes numbers in network order.
class Writer {
public:
    Writer& put16(unsigned value) {
        std::uint8_t bytes[2];
        ns_put16(value, bytes);
        return put(bytes, sizeof bytes);
    }
    Writer& put32(std::uint32_t value) {
        std::uint8_t bytes[4];
        ns_put32(value, bytes);
        return put(bytes, sizeof bytes);
    }
    Writer& put(const void* data, std::size_t size) {
        text.append(static_cast<const char*>(data), size);
        return *this;
    }
    Writer& put(const std::string& data) { return put(data.data(), data.size()); }
    void replace16(std::size_t at, unsigned value) { ns_put16(value, reinterpret_cast<std::uint8_t*>(text.data()) + at); }

    std::string text;
};

std::optional<std::string> wireName(const std::string& name) {
    std::uint8_t bytes[NS_MAXCDNAME];
    int size = dn_comp(name.c_str(), bytes, sizeof bytes, nullptr, nullptr);
    if (size < 0) return {};
    return std::string(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
}

struct QuestionPart {
    std::string name;
    std::uint16_t type = 0, space = 0;
    std::size_t end = 0;  ///< offset behind it
};

/// The one question of a message, whatever follows it.
std::optional<QuestionPart> questionOf(std::span<const std::uint8_t> message) {
    if (message.size() < NS_HFIXEDSZ || number(message, questionsAt) != 1) return {};
    char name[NS_MAXDNAME];
    int size = dn_expand(message.data(), message.data() + message.size(), message.data() + NS_HFIXEDSZ, name, sizeof name);
    if (size < 0) return {};
    std::size_t at = NS_HFIXEDSZ + static_cast<std::size_t>(size);
    if (message.size() < at + NS_QFIXEDSZ) return {};
    return QuestionPart{name, static_cast<std::uint16_t>(number(message, at)), static_cast<std::uint16_t>(number(message, at + 2)), at + NS_QFIXEDSZ};
}

std::string lowered(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

}  // namespace

std::string DnsQuestion::lowerName() const { return lowered(name); }

std::optional<DnsQuestion> parseQuery(std::span<const std::uint8_t> message) {
    ns_msg parsed;
    if (message.size() > NS_MAXMSG || ns_initparse(message.data(), static_cast<int>(message.size()), &parsed) != 0) return {};
    auto part = questionOf(message);
    if (!part || ns_msg_getflag(parsed, ns_f_qr) || ns_msg_getflag(parsed, ns_f_opcode) != ns_o_query) return {};
    DnsQuestion question{.id = static_cast<std::uint16_t>(ns_msg_id(parsed)), .name = part->name, .type = part->type, .space = part->space,
                         .recursion = ns_msg_getflag(parsed, ns_f_rd) != 0};
    for (int i = 0; i < ns_msg_count(parsed, ns_s_ar); ++i) {
        ns_rr record;
        if (ns_parserr(&parsed, ns_s_ar, i, &record) != 0) return {};
        if (ns_rr_type(record) != ns_t_opt) continue;
        question.extended = true;
        question.limit = std::max<std::size_t>(smallestLimit, ns_rr_class(record));
    }
    return question;
}

DnsRecord addressRecord(const IpAddress& address) {
    return {static_cast<std::uint16_t>(address.isV6() ? ns_t_aaaa : ns_t_a), std::string(reinterpret_cast<const char*>(address.bytes()), address.size())};
}

std::optional<DnsRecord> pointerRecord(const std::string& name) {
    auto wire = wireName(name);
    if (!wire) return {};
    return DnsRecord{ns_t_ptr, *wire};
}

std::optional<IpAddress> reverseAddress(const std::string& name) {
    for (const ReverseZone& zone : reverseZones) {
        if (!name.ends_with(zone.suffix)) continue;
        std::vector<unsigned> numbers;  // the least significant first
        const char* at = name.data();
        const char* end = at + name.size() - zone.suffix.size();
        while (at < end && numbers.size() <= zone.count) {
            unsigned value = 0;
            auto [next, failure] = std::from_chars(at, end, value, zone.base);
            if (failure != std::errc() || value > zone.largest || (next != end && *next != '.')) return {};
            numbers.push_back(value);
            at = next + 1;
        }
        if (numbers.size() != zone.count) return {};
        std::reverse(numbers.begin(), numbers.end());
        std::uint8_t bytes[16]{};
        for (std::size_t i = 0; i < zone.count; ++i) {
            std::uint8_t& byte = bytes[zone.isV6 ? i / 2 : i];
            byte = static_cast<std::uint8_t>(zone.isV6 ? byte << 4 | numbers[i] : numbers[i]);
        }
        return IpAddress::fromBytes(bytes, zone.isV6);
    }
    return {};
}

std::string encodeReply(const DnsQuestion& question, int code, const std::vector<DnsRecord>& records, std::size_t limit) {
    unsigned flags = replyFlag | recursionAvailable | (question.recursion ? recursionWanted : 0) | (static_cast<unsigned>(code) & codeMask);
    Writer reply, option;
    if (question.extended) option.put("", 1).put16(ns_t_opt).put16(ownLimit).put32(0).put16(0);
    reply.put16(question.id).put16(flags).put16(1).put16(0).put16(0).put16(question.extended ? 1 : 0);
    reply.put(wireName(question.name).value_or(std::string(1, '\0'))).put16(question.type).put16(question.space);
    unsigned count = 0;
    for (const DnsRecord& record : records) {
        if (reply.text.size() + NS_RRFIXEDSZ + 2 + record.data.size() + option.text.size() > limit) {
            reply.replace16(flagsAt, flags | truncatedFlag);
            break;
        }
        reply.put16(firstNamePointer).put16(record.type).put16(question.space).put32(secondsToLive);
        reply.put16(static_cast<unsigned>(record.data.size())).put(record.data);
        reply.replace16(answersAt, ++count);
    }
    return reply.put(option.text).text;
}

std::optional<AnswerRecords> recordsOf(std::span<const std::uint8_t> reply) {
    auto part = questionOf(reply);
    if (!part || (number(reply, flagsAt) & truncatedFlag)) return {};
    AnswerRecords records{.at = part->end, .count = number(reply, answersAt)};
    unsigned type = 0;
    std::size_t at = part->end;
    for (std::size_t i = 0; i < records.count; ++i) {
        int name = dn_skipname(reply.data() + at, reply.data() + reply.size());
        std::size_t fixed = at + static_cast<std::size_t>(name);
        if (name < 0 || fixed + NS_RRFIXEDSZ > reply.size()) return {};
        std::size_t size = static_cast<std::size_t>(name) + NS_RRFIXEDSZ + number(reply, fixed + NS_RRFIXEDSZ - 2);
        if (i == 0) records.size = size, type = number(reply, fixed);
        if (size != records.size || number(reply, fixed) != type || at + size > reply.size()) return {};
        at += size;
    }
    return records;
}

std::optional<std::string> askByStream(std::span<const std::uint8_t> beginning) {
    auto part = questionOf(beginning);
    if (!part || (number(beginning, flagsAt) & replyFlag)) return {};
    Writer reply;
    reply.put(beginning.data(), part->end);
    reply.replace16(flagsAt, replyFlag | truncatedFlag | recursionAvailable | (number(beginning, flagsAt) & recursionWanted));
    for (std::size_t at = answersAt; at < NS_HFIXEDSZ; at += 2) reply.replace16(at, 0);
    return reply.text;
}

std::optional<std::string> formatError(std::span<const std::uint8_t> message) {
    if (message.size() < NS_HFIXEDSZ || (number(message, flagsAt) & replyFlag)) return {};
    Writer reply;
    reply.put16(number(message, 0)).put16(replyFlag | recursionAvailable | ns_r_formerr).put16(0).put16(0).put16(0).put16(0);
    return reply.text;
}

bool isReplyTo(std::span<const std::uint8_t> message, const DnsQuestion& question) {
    if (message.size() < NS_HFIXEDSZ || number(message, 0) != question.id || !(number(message, flagsAt) & replyFlag)) return false;
    // A server that refuses may leave the question out.
    if (number(message, questionsAt) == 0) return replyCode(message) != ns_r_noerror;
    auto part = questionOf(message);
    return part && part->type == question.type && part->space == question.space && lowered(part->name) == question.lowerName();
}

int replyCode(std::span<const std::uint8_t> reply) { return static_cast<int>(number(reply, flagsAt) & codeMask); }

std::string fitted(std::span<const std::uint8_t> reply, std::size_t limit) {
    Writer text;
    text.put(reply.data(), reply.size());
    if (reply.size() <= limit) return text.text;
    auto part = questionOf(reply);
    text.text.resize(part ? part->end : NS_HFIXEDSZ);
    text.replace16(flagsAt, number(reply, flagsAt) | truncatedFlag);
    for (std::size_t at = questionsAt; at < NS_HFIXEDSZ; at += 2) text.replace16(at, at == questionsAt && part ? 1 : 0);
    return text.text;
}

}  // namespace devc::engine

#include "engine/linux/nftables_rule.h"

#include <array>
#include <cstring>
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>

#include "engine/error.h"

namespace devc::engine::nft {

namespace {

constexpr std::uint32_t work = NFT_REG_1;
constexpr std::uint32_t second = NFT_REG_2;
constexpr std::uint32_t sourcePortOffset = 0, destinationPortOffset = 2;  // the same in TCP, UDP and SCTP
constexpr std::uint32_t tcpChecksumOffset = 16, udpChecksumOffset = 6;

std::uint32_t stateBit(std::uint32_t state) { return 1u << (state % IP_CT_IS_REPLY + 1); }  // as NF_CT_STATE_BIT

/// Writes expressions one after the other; nftables' numbers are in network order.
class Encoder {
public:
    explicit Encoder(NetlinkRequest& request) : request_(request) {}

    void metadata(std::uint32_t key) {
        expression("meta", [&] { number(NFTA_META_KEY, key); number(NFTA_META_DREG, work); });
    }
    void payload(std::uint32_t base, std::uint32_t offset, std::uint32_t size) {
        expression("payload", [&] {
            number(NFTA_PAYLOAD_DREG, work);
            number(NFTA_PAYLOAD_BASE, base);
            number(NFTA_PAYLOAD_OFFSET, offset);
            number(NFTA_PAYLOAD_LEN, size);
        });
    }
    void conntrack(std::uint32_t key) {
        expression("ct", [&] { number(NFTA_CT_KEY, key); number(NFTA_CT_DREG, work); });
    }
    void destinationType() {
        expression("fib", [&] {
            number(NFTA_FIB_DREG, work);
            number(NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
            number(NFTA_FIB_FLAGS, NFTA_FIB_F_DADDR);
        });
    }
    void mask(const void* bits, std::uint32_t size) {
        static constexpr std::array<std::uint8_t, 16> zero{};
        expression("bitwise", [&] {
            number(NFTA_BITWISE_SREG, work);
            number(NFTA_BITWISE_DREG, work);
            number(NFTA_BITWISE_LEN, size);
            data(NFTA_BITWISE_MASK, bits, size);
            data(NFTA_BITWISE_XOR, zero.data(), size);
        });
    }
    void compare(const void* bytes, std::uint32_t size, bool different = false) {
        expression("cmp", [&] {
            number(NFTA_CMP_SREG, work);
            number(NFTA_CMP_OP, different ? NFT_CMP_NEQ : NFT_CMP_EQ);
            data(NFTA_CMP_DATA, bytes, size);
        });
    }
    void range(const void* first, const void* last, std::uint32_t size, bool outside) {
        expression("range", [&] {
            number(NFTA_RANGE_SREG, work);
            number(NFTA_RANGE_OP, outside ? NFT_RANGE_NEQ : NFT_RANGE_EQ);
            data(NFTA_RANGE_FROM_DATA, first, size);
            data(NFTA_RANGE_TO_DATA, last, size);
        });
    }
    void load(std::uint32_t where, const void* bytes, std::uint32_t size) {
        expression("immediate", [&] { number(NFTA_IMMEDIATE_DREG, where); data(NFTA_IMMEDIATE_DATA, bytes, size); });
    }
    void verdict(std::uint32_t code) {
        expression("immediate", [&] {
            number(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
            request_.nested(NFTA_IMMEDIATE_DATA, [&] {
                request_.nested(NFTA_DATA_VERDICT, [&] { number(NFTA_VERDICT_CODE, code); });
            });
        });
    }
    void rewritePort(Protocol protocol, std::uint32_t offset, std::uint16_t port) {
        std::uint16_t ordered = htons(port);
        load(work, &ordered, sizeof ordered);
        expression("payload", [&] {
            number(NFTA_PAYLOAD_SREG, work);
            number(NFTA_PAYLOAD_BASE, NFT_PAYLOAD_TRANSPORT_HEADER);
            number(NFTA_PAYLOAD_OFFSET, offset);
            number(NFTA_PAYLOAD_LEN, sizeof ordered);
            number(NFTA_PAYLOAD_CSUM_TYPE, NFT_PAYLOAD_CSUM_INET);
            number(NFTA_PAYLOAD_CSUM_OFFSET, protocol == Protocol::Udp ? udpChecksumOffset : tcpChecksumOffset);
        });
    }
    void masquerade() { expression("masq", [] {}); }
    void translate(const IpAddress& address, std::uint16_t port) {
        std::uint16_t ordered = htons(port);
        load(work, address.bytes(), address.size());
        // An IPv6 address fills the first 128-bit register; the port goes to the next one.
        load(second, &ordered, sizeof ordered);
        expression("nat", [&] {
            number(NFTA_NAT_TYPE, NFT_NAT_DNAT);
            number(NFTA_NAT_FAMILY, address.isV6() ? NFPROTO_IPV6 : NFPROTO_IPV4);
            number(NFTA_NAT_REG_ADDR_MIN, work);
            number(NFTA_NAT_REG_PROTO_MIN, second);
        });
    }

private:
    template <typename Fill>
    void expression(const std::string& name, Fill&& fill) {
        request_.nested(NFTA_LIST_ELEM, [&] {
            request_.text(NFTA_EXPR_NAME, name);
            request_.nested(NFTA_EXPR_DATA, fill);
        });
    }
    void number(int attribute, std::uint32_t value) { request_.value<std::uint32_t>(attribute, htonl(value)); }
    void data(int attribute, const void* bytes, std::uint32_t size) {
        request_.nested(attribute, [&] { request_.bytes(NFTA_DATA_VALUE, bytes, size); });
    }

    NetlinkRequest& request_;
};

void encodeName(Encoder& encoder, const Match& match) {
    char name[16]{};
    if (match.name.size() >= sizeof name) throw Error::of("invalid name of a network interface: '{}'", match.name);
    std::memcpy(name, match.name.data(), match.name.size());
    encoder.metadata(match.kind == Match::Kind::InputName ? NFT_META_IIFNAME : NFT_META_OIFNAME);
    auto size = match.isPrefix ? static_cast<std::uint32_t>(match.name.size()) : sizeof name;
    encoder.compare(name, static_cast<std::uint32_t>(size), match.negated);
}

void encodeAddress(Encoder& encoder, const Match& match) {
    const Cidr& network = match.network.value();
    bool v6 = network.address.isV6();
    bool isSource = match.kind == Match::Kind::Source;
    std::uint32_t offset = v6 ? (isSource ? 8 : 24) : (isSource ? 12 : 16);
    std::uint32_t size = network.address.size();
    encoder.payload(NFT_PAYLOAD_NETWORK_HEADER, offset, size);
    if (network.prefix < network.address.bits()) {
        std::array<std::uint8_t, 16> ones;
        ones.fill(0xff);
        IpAddress bits = Cidr::of(IpAddress::fromBytes(ones.data(), v6), network.prefix).address;
        encoder.mask(bits.bytes(), size);
    }
    encoder.compare(network.address.bytes(), size, match.negated);
}

/// True if one of the bits is set (negated: none).
void encodeBits(Encoder& encoder, std::uint32_t key, std::uint32_t bits, bool negated) {
    std::uint32_t zero = 0;
    encoder.conntrack(key);
    encoder.mask(&bits, sizeof bits);
    encoder.compare(&zero, sizeof zero, !negated);
}

void encode(Encoder& encoder, const Match& match) {
    switch (match.kind) {
    case Match::Kind::InputName:
    case Match::Kind::OutputName: return encodeName(encoder, match);
    case Match::Kind::Source:
    case Match::Kind::Destination: return encodeAddress(encoder, match);
    case Match::Kind::LocalDestination: {
        std::uint32_t local = RTN_LOCAL;
        encoder.destinationType();
        return encoder.compare(&local, sizeof local, match.negated);
    }
    case Match::Kind::SourcePort:
    case Match::Kind::DestinationPort: {
        auto protocol = static_cast<std::uint8_t>(match.protocol);
        std::uint16_t port = htons(match.port), last = htons(match.lastPort);
        encoder.metadata(NFT_META_L4PROTO);
        encoder.compare(&protocol, sizeof protocol);
        encoder.payload(NFT_PAYLOAD_TRANSPORT_HEADER, match.kind == Match::Kind::SourcePort ? sourcePortOffset : destinationPortOffset, sizeof port);
        if (match.lastPort) return encoder.range(&port, &last, sizeof port, match.negated);
        return encoder.compare(&port, sizeof port, match.negated);
    }
    case Match::Kind::Translated: return encodeBits(encoder, NFT_CT_STATUS, IPS_DST_NAT, match.negated);
    case Match::Kind::Established:
        return encodeBits(encoder, NFT_CT_STATE, stateBit(IP_CT_ESTABLISHED) | stateBit(IP_CT_RELATED), match.negated);
    }
}

std::string describe(const Match& match) {
    std::string_view unequal = match.negated ? "!= " : "";
    std::string_view family = match.network && match.network->address.isV6() ? "ip6" : "ip";
    switch (match.kind) {
    case Match::Kind::InputName: return fmt::format("iifname {}\"{}{}\"", unequal, match.name, match.isPrefix ? "*" : "");
    case Match::Kind::OutputName: return fmt::format("oifname {}\"{}{}\"", unequal, match.name, match.isPrefix ? "*" : "");
    case Match::Kind::Source: return fmt::format("{} saddr {}{}", family, unequal, match.network->text());
    case Match::Kind::Destination: return fmt::format("{} daddr {}{}", family, unequal, match.network->text());
    case Match::Kind::LocalDestination: return fmt::format("fib daddr type {}local", unequal);
    case Match::Kind::SourcePort:
    case Match::Kind::DestinationPort:
        return fmt::format("{} {} {}{}{}", nameOf(match.protocol), match.kind == Match::Kind::SourcePort ? "sport" : "dport", unequal, match.port,
                           match.lastPort ? fmt::format("-{}", match.lastPort) : "");
    case Match::Kind::Translated: return fmt::format("ct status {}dnat", unequal);
    case Match::Kind::Established: return fmt::format("ct state {}established,related", unequal);
    }
    return {};
}

}  // namespace

void encodeExpressions(NetlinkRequest& request, const Rule& rule, bool inet) {
    request.nested(NFTA_RULE_EXPRESSIONS, [&] {
        Encoder encoder(request);
        if (rule.v6 && inet) {
            std::uint8_t family = *rule.v6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
            encoder.metadata(NFT_META_NFPROTO);
            encoder.compare(&family, sizeof family);
        }
        for (const Match& match : rule.matches) encode(encoder, match);
        switch (rule.verdict.kind) {
        case Verdict::Kind::Accept: return encoder.verdict(NF_ACCEPT);
        case Verdict::Kind::Drop: return encoder.verdict(NF_DROP);
        case Verdict::Kind::Masquerade: return encoder.masquerade();
        case Verdict::Kind::TranslateDestination: return encoder.translate(rule.verdict.address, rule.verdict.port);
        case Verdict::Kind::RewriteSourcePort: return encoder.rewritePort(rule.verdict.protocol, sourcePortOffset, rule.verdict.port);
        case Verdict::Kind::RewriteDestinationPort: return encoder.rewritePort(rule.verdict.protocol, destinationPortOffset, rule.verdict.port);
        }
    });
}

std::string describe(const Rule& rule) {
    std::string text;
    for (const Match& match : rule.matches) text += describe(match) + ' ';
    switch (rule.verdict.kind) {
    case Verdict::Kind::Accept: return text + "accept";
    case Verdict::Kind::Drop: return text + "drop";
    case Verdict::Kind::Masquerade: return text + "masquerade";
    case Verdict::Kind::TranslateDestination:
        return text + fmt::format(fmt::runtime(rule.verdict.address.isV6() ? "dnat to [{}]:{}" : "dnat to {}:{}"),
                                  rule.verdict.address.text(), rule.verdict.port);
    case Verdict::Kind::RewriteSourcePort: return text + fmt::format("{} sport set {}", nameOf(rule.verdict.protocol), rule.verdict.port);
    case Verdict::Kind::RewriteDestinationPort: return text + fmt::format("{} dport set {}", nameOf(rule.verdict.protocol), rule.verdict.port);
    }
    return text;
}

Protocol protocolOf(std::string_view name) { return name == "udp" ? Protocol::Udp : name == "sctp" ? Protocol::Sctp : Protocol::Tcp; }
std::string_view nameOf(Protocol protocol) { return protocol == Protocol::Udp ? "udp" : protocol == Protocol::Sctp ? "sctp" : "tcp"; }

Match inputName(std::string name) { return {.kind = Match::Kind::InputName, .name = std::move(name), .network = {}}; }
Match outputName(std::string name) { return {.kind = Match::Kind::OutputName, .name = std::move(name), .network = {}}; }
Match source(const Cidr& network) { return {.kind = Match::Kind::Source, .name = {}, .network = network}; }
Match destination(const Cidr& network) { return {.kind = Match::Kind::Destination, .name = {}, .network = network}; }
Match localDestination() { return {.kind = Match::Kind::LocalDestination, .name = {}, .network = {}}; }
Match sourcePort(Protocol protocol, std::uint16_t port) {
    return {.kind = Match::Kind::SourcePort, .name = {}, .network = {}, .protocol = protocol, .port = port};
}
Match destinationPort(Protocol protocol, std::uint16_t port) {
    return {.kind = Match::Kind::DestinationPort, .name = {}, .network = {}, .protocol = protocol, .port = port};
}
Match destinationPorts(Protocol protocol, std::uint16_t first, std::uint16_t last) {
    Match match = destinationPort(protocol, first);
    if (last > first) match.lastPort = last;
    return match;
}
Match translated() { return {.kind = Match::Kind::Translated, .name = {}, .network = {}}; }
Match established() { return {.kind = Match::Kind::Established, .name = {}, .network = {}}; }
Match operator!(Match match) {
    match.negated = !match.negated;
    return match;
}

}  // namespace devc::engine::nft

#include "engine/monitor/dns_message.h"

#include <arpa/nameser.h>
#include <doctest/doctest.h>
#include <random>

using namespace devc::engine;

namespace {

std::span<const std::uint8_t> bytesOf(const std::string& text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

/// A query for `labels` ("\3www\2de") with identifier 0x1234 and "recursion desired".
std::string query(const std::string& labels, int type) {
    std::string text("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12);
    return text + labels + '\0' + std::string{'\0', static_cast<char>(type), '\0', '\1'};
}

std::string withExtension(std::string text, int size) {
    text[11] = 1;
    return text + std::string{'\0', '\0', ns_t_opt, static_cast<char>(size >> 8), static_cast<char>(size), '\0', '\0', '\0', '\0', '\0', '\0'};
}

}  // namespace

TEST_CASE("a query is read with its name, type and limit") {
    auto question = parseQuery(bytesOf(query("\3WwW\2de", ns_t_a)));
    REQUIRE(question);
    CHECK(question->id == 0x1234);
    CHECK(question->name == "WwW.de");
    CHECK(question->lowerName() == "www.de");
    CHECK(question->type == ns_t_a);
    CHECK(question->recursion);
    CHECK(question->limit == 512);
    auto extended = parseQuery(bytesOf(withExtension(query("\3www", ns_t_aaaa), 1232)));
    REQUIRE(extended);
    CHECK(extended->extended);
    CHECK(extended->limit == 1232);
    CHECK(parseQuery(bytesOf(withExtension(query("\3www", ns_t_a), 0)))->limit == 512);
}

TEST_CASE("a reply repeats the question and carries the records") {
    auto question = parseQuery(bytesOf(query("\2Db", ns_t_a)));
    std::string reply = encodeReply(*question, ns_r_noerror, {addressRecord(*IpAddress::parse("10.1.2.3")), addressRecord(*IpAddress::parse("10.1.2.4"))}, 512);
    ns_msg parsed;
    REQUIRE(ns_initparse(bytesOf(reply).data(), static_cast<int>(reply.size()), &parsed) == 0);
    CHECK(ns_msg_id(parsed) == 0x1234);
    CHECK(ns_msg_getflag(parsed, ns_f_qr) == 1);
    CHECK(ns_msg_getflag(parsed, ns_f_tc) == 0);
    CHECK(ns_msg_count(parsed, ns_s_an) == 2);
    ns_rr record;
    REQUIRE(ns_parserr(&parsed, ns_s_an, 1, &record) == 0);
    CHECK(std::string(ns_rr_name(record)) == "Db");
    CHECK(IpAddress::fromBytes(ns_rr_rdata(record), false).text() == "10.1.2.4");
    CHECK(isReplyTo(bytesOf(reply), *question));
}

TEST_CASE("what does not fit is left out and said") {
    auto question = parseQuery(bytesOf(query("\2db", ns_t_a)));
    std::vector<DnsRecord> many(100, addressRecord(*IpAddress::parse("10.1.2.3")));
    std::string reply = encodeReply(*question, ns_r_noerror, many, 512);
    CHECK(reply.size() <= 512);
    ns_msg parsed;
    REQUIRE(ns_initparse(bytesOf(reply).data(), static_cast<int>(reply.size()), &parsed) == 0);
    CHECK(ns_msg_getflag(parsed, ns_f_tc) == 1);
    CHECK(ns_msg_count(parsed, ns_s_an) > 20);
    std::string whole = encodeReply(*question, ns_r_noerror, many, 65535);
    std::string cut = fitted(bytesOf(whole), 512);
    REQUIRE(ns_initparse(bytesOf(cut).data(), static_cast<int>(cut.size()), &parsed) == 0);
    CHECK(ns_msg_getflag(parsed, ns_f_tc) == 1);
    CHECK(ns_msg_count(parsed, ns_s_qd) == 1);
    CHECK(ns_msg_count(parsed, ns_s_an) == 0);
    CHECK(fitted(bytesOf(whole), 65535) == whole);
}

TEST_CASE("reverse names become addresses") {
    CHECK(reverseAddress("4.3.2.10.in-addr.arpa")->text() == "10.2.3.4");
    CHECK(reverseAddress("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa")->text() == "fd00::1");
    for (const char* wrong : {"3.2.10.in-addr.arpa", "5.4.3.2.10.in-addr.arpa", "256.3.2.10.in-addr.arpa", "a.3.2.10.in-addr.arpa", "..3.2.in-addr.arpa",
                              ".in-addr.arpa", "in-addr.arpa", "1.ip6.arpa", "www.de"}) {
        CAPTURE(wrong);
        CHECK_FALSE(reverseAddress(wrong));
    }
}

TEST_CASE("another's reply is not taken for the answer") {
    auto question = parseQuery(bytesOf(query("\2db", ns_t_a)));
    std::string reply = encodeReply(*question, ns_r_noerror, {}, 512);
    DnsQuestion other = *question;
    other.id ^= 1;
    CHECK_FALSE(isReplyTo(bytesOf(reply), other));
    other = *question;
    other.name = "dc";
    CHECK_FALSE(isReplyTo(bytesOf(reply), other));
    other = *question;
    other.type = ns_t_mx;
    CHECK_FALSE(isReplyTo(bytesOf(reply), other));
    CHECK_FALSE(isReplyTo(bytesOf(query("\2db", ns_t_a)), *question));
}

TEST_CASE("malformed messages are refused") {
    CHECK_FALSE(parseQuery({}));
    std::string good = query("\3www\2de", ns_t_a);
    for (std::size_t size = 0; size < good.size(); ++size) CHECK_FALSE(parseQuery(bytesOf(good.substr(0, size))));
    CHECK_FALSE(parseQuery(bytesOf(good + "x")));
    CHECK_FALSE(parseQuery(bytesOf(query("\3ww", ns_t_a))));
    CHECK_FALSE(parseQuery(bytesOf(query("\xc0\x0c", ns_t_a))));  // points to itself
    CHECK_FALSE(formatError(bytesOf(good.substr(0, 11))));
    CHECK(formatError(bytesOf(good.substr(0, 13)))->size() == 12);
    std::string reply = good;
    reply[2] = static_cast<char>(0x81);
    CHECK_FALSE(parseQuery(bytesOf(reply)));
    CHECK_FALSE(formatError(bytesOf(reply)));  // an error to a reply could go round for ever
}

TEST_CASE("any bytes can be looked at") {
    std::mt19937 random(1);
    std::string good = withExtension(query("\3www\2de", ns_t_a), 4096);
    for (int round = 0; round < 200000; ++round) {
        std::string text = good;
        if (round % 2) {
            text.resize(random() % 600);
            for (char& c : text) c = static_cast<char>(random());
        } else {
            for (auto i = random() % 6; i > 0; --i) text[random() % text.size()] = static_cast<char>(random());
            text.resize(text.size() - random() % 3);
        }
        auto question = parseQuery(bytesOf(text));
        if (question) {
            std::string reply = encodeReply(*question, ns_r_noerror, {addressRecord(*IpAddress::parse("10.1.2.3"))}, 512);
            CHECK(reply.size() <= 512);
            isReplyTo(bytesOf(text), *question);
            reverseAddress(question->lowerName());
        }
        formatError(bytesOf(text));
        if (text.size() >= 12) fitted(bytesOf(text), 20);
    }
}

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>

#include <nlohmann/json.hpp>
#include <zlib.h>

#include "engine/log/fluentd.h"
#include "engine/log/gelf.h"
#include "engine/log/journald.h"
#include "engine/log/syslog.h"
#include "engine/monitor/host_lookup.h"
#include "engine/monitor/line_splitter.h"

using namespace devc::engine;
using nlohmann::json;

namespace {

constexpr std::int64_t moment = 1795552188'281'234'567;  // 2026-11-24T20:29:48Z

LogSource source() {
    LogSource s;
    s.id = "48beb9859babc7f83406322fbdc289a08f8c9688df9971fd6d9c297b29226e62";
    s.name = "web";
    s.imageId = "sha256:ebc6";
    s.imageName = "busybox";
    s.command = "sh -c x";
    s.created = "2026-11-24T20:29:47Z";
    s.host = "vm";
    s.tag = "48beb9859bab";
    s.attributes = {{"la", "lb"}, {"com.example.x", "two\nlines"}};
    return s;
}

std::string inUtc(SyslogFormat format, LogMessage message) {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    auto lines = syslogEncoder({3, format}, source(), 342)->encode(message);
    return lines.empty() ? "" : lines.front();
}

json inflated(const std::string& data) {
    std::string out(1 << 20, 0);
    z_stream stream{};
    ::inflateInit2(&stream, 15 + 32);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream.avail_in = static_cast<uInt>(data.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    CHECK(::inflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    ::inflateEnd(&stream);
    return json::parse(out);
}

std::vector<std::string> split(LineSplitter& splitter, std::string_view data) {
    std::vector<std::string> lines;
    splitter.feed(data, [&](std::string_view line) { lines.emplace_back(line); });
    return lines;
}

}  // namespace

TEST_CASE("syslog lines are docker's in each format") {
    CHECK(inUtc(SyslogFormat::Local, {"out", false, moment, {}}) == "<30>Nov 24 20:29:48 48beb9859bab[342]: out\n");
    CHECK(inUtc(SyslogFormat::Rfc3164, {"err", true, moment, {}}) == "<27>Nov 24 20:29:48 vm 48beb9859bab[342]: err\n");
    CHECK(inUtc(SyslogFormat::Rfc5424, {"out", false, moment, {}}) == "<30>1 2026-11-24T20:29:48Z vm 48beb9859bab 342 48beb9859bab - out\n");
    CHECK(inUtc(SyslogFormat::Rfc5424Micro, {"out", false, moment, {}}) == "<30>1 2026-11-24T20:29:48.281234Z vm 48beb9859bab 342 48beb9859bab - out\n");
    CHECK(inUtc(SyslogFormat::Local, {"", false, moment, {}}).empty());
}

TEST_CASE("syslog times have the zone of the machine") {
    ::setenv("TZ", "XXX+03:30", 1);  // west of Greenwich
    ::tzset();
    std::string line = syslogEncoder({3, SyslogFormat::Rfc5424}, source(), 1)->encode({"x", false, moment, {}}).front();
    ::unsetenv("TZ");
    ::tzset();
    CHECK(line.find("2026-11-24T16:59:48-03:30") != std::string::npos);
}

TEST_CASE("a gelf message has the fields of docker's") {
    for (GelfCompression compression : {GelfCompression::Gzip, GelfCompression::Zlib}) {
        auto packets = gelfEncoder({true, compression, 1}, source())->encode({"err", true, moment, {}});
        REQUIRE(packets.size() == 1);
        CHECK((static_cast<unsigned char>(packets[0][0]) == 0x1f) == (compression == GelfCompression::Gzip));
        CHECK(inflated(packets[0]) == json({{"version", "1.1"}, {"host", "vm"}, {"short_message", "err"}, {"timestamp", 1795552188.281}, {"level", 3},
              {"_container_id", source().id}, {"_container_name", "web"}, {"_image_id", "sha256:ebc6"}, {"_image_name", "busybox"},
              {"_command", "sh -c x"}, {"_created", "2026-11-24T20:29:47Z"}, {"_tag", "48beb9859bab"}, {"_la", "lb"}, {"_com.example.x", "two\nlines"}}));
    }
    auto stream = gelfEncoder({false, GelfCompression::None, 1}, source())->encode({"out", false, moment, {}});
    REQUIRE(stream.size() == 1);
    CHECK(stream[0].back() == '\0');
    CHECK(json::parse(stream[0].substr(0, stream[0].size() - 1))["level"] == 6);
}

TEST_CASE("a gelf message that is too large for a datagram goes in chunks") {
    std::string text(16000, 'x');
    auto chunks = gelfEncoder({true, GelfCompression::None, 1}, source())->encode({text, false, moment, {}});
    REQUIRE(chunks.size() > 10);
    std::string whole;
    for (size_t i = 0; i < chunks.size(); ++i) {
        CHECK(chunks[i].size() <= 1420);
        CHECK(chunks[i].substr(0, 2) == "\x1e\x0f");
        CHECK(chunks[i].substr(2, 8) == chunks[0].substr(2, 8));
        CHECK(static_cast<size_t>(chunks[i][10]) == i);
        CHECK(static_cast<size_t>(chunks[i][11]) == chunks.size());
        whole += chunks[i].substr(12);
    }
    CHECK(json::parse(whole)["short_message"] == text);
}

TEST_CASE("fluentd gets message mode of its forward protocol") {
    auto decoded = [](bool subSecond, LogMessage message) { return json::from_msgpack(fluentdEncoder({subSecond}, source())->encode(message).at(0)); };
    json plain = decoded(false, {"out", false, moment, {}});
    CHECK(plain == json::array({"48beb9859bab", 1795552188, {{"container_id", source().id}, {"container_name", "/web"}, {"source", "stdout"},
                   {"log", "out"}, {"la", "lb"}, {"com.example.x", "two\nlines"}}, json::object()}));
    json part = decoded(false, {"x", true, moment, LogPart{"abc", 2, true}})[2];
    CHECK(part["partial_message"] == "true");
    CHECK(part["partial_id"] == "abc");
    CHECK(part["partial_ordinal"] == "2");
    CHECK(part["partial_last"] == "true");
    json time = decoded(true, {"", false, moment, {}})[1];
    REQUIRE(time.is_binary());
    CHECK(time.get_binary().subtype() == 0);
    CHECK(std::vector<std::uint8_t>(time.get_binary()) == std::vector<std::uint8_t>{0x6b, 0x05, 0xf3, 0xbc, 0x10, 0xc3, 0x4c, 0x87});
}

TEST_CASE("journald gets docker's fields, and those with newlines by their length") {
    std::string entry = journaldEncoder(source())->encode({"hi", true, moment, {}}).at(0);
    for (const char* line : {"CONTAINER_ID=48beb9859bab\n", "CONTAINER_NAME=web\n", "CONTAINER_TAG=48beb9859bab\n", "IMAGE_NAME=busybox\n",
                             "SYSLOG_IDENTIFIER=48beb9859bab\n", "PRIORITY=3\n", "LA=lb\n", "MESSAGE=hi\n"})
        CHECK(entry.find(line) != std::string::npos);
    CHECK(entry.find(std::string("COM_EXAMPLE_X\n\x09\0\0\0\0\0\0\0two\nlines\n", 32)) != std::string::npos);
    std::string part = journaldEncoder(source())->encode({"x", false, moment, LogPart{"abc", 1, false}}).at(0);
    CHECK(part.find("CONTAINER_PARTIAL_MESSAGE=true\n") != std::string::npos);
    CHECK(journaldField("_a.b-1") == "A_B_1");
}

TEST_CASE("lines are put together from pieces, and long ones are cut between characters") {
    LineSplitter splitter;
    CHECK(split(splitter, "a\nb").size() == 1);
    CHECK(split(splitter, "c\n\nd") == std::vector<std::string>{"bc\n", "\n"});
    CHECK(split(splitter, "\n") == std::vector<std::string>{"d\n"});
    std::string wide;
    for (int i = 0; i < 6000; ++i) wide += "\xe2\x82\xac";
    std::vector<std::string> parts = split(splitter, wide + "\n");
    REQUIRE(parts.size() == 2);
    CHECK(parts[0].size() % 3 == 0);
    CHECK(parts[0] + parts[1] == wide + "\n");
}

TEST_CASE("hosts are found in a hosts file") {
    const char* hosts = "# a comment\n127.0.0.1 localhost\n 10.0.0.7\tcollector collector.example # fluentd\nnonsense collector2\n::1 six\n";
    CHECK(findInHosts(hosts, "collector.example")->text() == "10.0.0.7");
    CHECK(findInHosts(hosts, "six")->text() == "::1");
    CHECK_FALSE(findInHosts(hosts, "fluentd"));
    CHECK_FALSE(findInHosts(hosts, "collector2"));
}

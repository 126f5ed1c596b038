#include <doctest/doctest.h>

#include "engine/error.h"
#include "engine/log/settings.h"

using namespace devc::engine;
using namespace std::chrono_literals;

namespace {

std::string refusal(const std::string& driver, const LogOptions& options) {
    try {
        parseLogOptions(driver, options);
    } catch (const Error& error) {
        return error.what();
    }
    return "taken";
}

}  // namespace

TEST_CASE("an option that a logging driver does not have is refused in docker's words") {
    CHECK(refusal("json-file", {{"bogus", "1"}}) == "unknown log opt 'bogus' for json-file log driver");
    CHECK(refusal("", {{"bogus", "1"}}) == "unknown log opt 'bogus' for json-file log driver");
    CHECK(refusal("local", {{"labels", "x"}}) == "unknown log opt 'labels' for log driver local");
    CHECK(refusal("syslog", {{"cache-bogus", "1"}}) == "unknown log opt 'cache-bogus' for syslog log driver");
    CHECK(refusal("gelf", {{"gelf-address", "udp://h:1"}, {"bogus", "1"}}) == "unknown log opt \"bogus\" for gelf log driver");
    CHECK(refusal("gelf", {{"bogus", "1"}}) == "gelf-address is a required parameter");
    CHECK(refusal("fluentd", {{"bogus", "1"}}) == "unknown log opt 'bogus' for fluentd log driver");
    CHECK(refusal("json-file", {{"cache-disabled", "true"}}) == "unknown log opt 'cache-disabled' for json-file log driver");
    CHECK(refusal("nope", {}) == "error looking up logging plugin nope: plugin \"nope\" not found");
    CHECK(refusal("none", {{"bogus", "1"}}) == "taken");
}

TEST_CASE("the mode of a logging driver is blocking or non-blocking, and only that has a buffer") {
    CHECK(refusal("", {{"mode", "x"}}) == "logger: logging mode not supported: x");
    CHECK(refusal("", {{"max-buffer-size", "1m"}}) == "logger: max-buffer-size option is only supported with 'mode=non-blocking'");
    CHECK(refusal("", {{"mode", "non-blocking"}, {"max-buffer-size", "x"}}).find("invalid size: 'x'") != std::string::npos);
    LogSettings settings = parseLogOptions("syslog", {{"syslog-address", "udp://h"}, {"mode", "non-blocking"}, {"max-buffer-size", "2k"}});
    CHECK(settings.delivery->bufferSize == 2048);
    CHECK_FALSE(settings.delivery->holdsBack);
    CHECK(parseLogOptions("syslog", {{"syslog-address", "udp://h"}}).delivery->holdsBack);
}

TEST_CASE("sizes and numbers of log files are docker's") {
    LogFileSettings file = *parseLogOptions("json-file", {{"max-size", "1.5k"}, {"max-file", "3"}}).file;
    CHECK(file.maximumSize == 1500);
    CHECK(file.maximumFiles == 3);
    CHECK(parseLogOptions("json-file", {{"max-size", "10m"}}).file->maximumFiles == 1);
    CHECK(parseLogOptions("local", {{"max-size", "10m"}}).file->maximumFiles == 5);
    CHECK(refusal("json-file", {{"max-file", "0"}}) == "max-file cannot be less than 1");
    CHECK(refusal("json-file", {{"max-size", "abc"}}).find("invalid size: 'abc'") != std::string::npos);
    CHECK(refusal("json-file", {{"max-size", "10x"}}) != "taken");
    CHECK(refusal("json-file", {{"compress", "true"}}) == "compress cannot be true when max-file is less than 2 or max-size is not set");
    CHECK(refusal("json-file", {{"compress", "maybe"}}) != "taken");
}

TEST_CASE("a driver with a receiver keeps a file for logs unless that is switched off") {
    CHECK(parseLogOptions("journald", {}).file->maximumSize == 20'000'000);
    CHECK(parseLogOptions("journald", {{"cache-max-size", "1m"}, {"cache-max-file", "2"}}).file->maximumFiles == 2);
    CHECK_FALSE(parseLogOptions("journald", {{"cache-disabled", "true"}}).file);
    CHECK(refusal("syslog", {{"cache-disabled", "x"}}) == "invalid value for option cache-disabled: x");
}

TEST_CASE("addresses of receivers") {
    using Transport = LogAddress::Transport;
    CHECK(parseSyslogAddress("tcp://log.example") == LogAddress{Transport::Tcp, "log.example", 514});
    CHECK(parseSyslogAddress("udp://[::1]:5140") == LogAddress{Transport::Udp, "::1", 5140});
    CHECK(parseSyslogAddress("unixgram:///dev/null") == LogAddress{Transport::UnixDatagram, "/dev/null", 0});
    CHECK(parseFluentdAddress("collector") == LogAddress{Transport::Tcp, "collector", 24224});
    CHECK(parseFluentdAddress("tcp://collector:1") == LogAddress{Transport::Tcp, "collector", 1});
    CHECK(parseFluentdAddress("unix:///run/fluent.sock") == LogAddress{Transport::UnixStream, "/run/fluent.sock", 0});
    CHECK(parseGelfAddress("udp://g:12201") == LogAddress{Transport::Udp, "g", 12201});
    CHECK(textOf(parseSyslogAddress("udp://[::1]:5140")) == "udp://[::1]:5140");
    for (const char* wrong : {"foo", "tcp+tls://h:1", "unix:///nope", "http://h", "tcp://h:x", "tcp://h:0", "tcp://h:65536", "tcp://[::1", "unix://x"})
        CHECK_THROWS_AS(parseSyslogAddress(wrong), Error);
    for (const char* wrong : {"", "foo", "unix:///x", "udp://h"}) CHECK_THROWS_AS(parseGelfAddress(wrong), Error);
    for (const char* wrong : {"foo:bar", "http://x", "tls://x", "unix://"}) CHECK_THROWS_AS(parseFluentdAddress(wrong), Error);
}

TEST_CASE("options of syslog, gelf and fluentd") {
    CHECK(parseLogOptions("syslog", {{"syslog-facility", "local3"}}).syslog.facility == 19);
    CHECK(parseLogOptions("syslog", {{"syslog-facility", "7"}}).syslog.facility == 7);
    CHECK(refusal("syslog", {{"syslog-facility", "99"}}) == "invalid syslog facility");
    CHECK(refusal("syslog", {{"syslog-format", "foo"}}) == "Invalid syslog format");
    const LogOptions udp = {{"gelf-address", "udp://h:1"}}, tcp = {{"gelf-address", "tcp://h:1"}};
    auto with = [](LogOptions options, const char* name, const char* value) {
        options[name] = value;
        return options;
    };
    CHECK(parseLogOptions("gelf", with(udp, "gelf-compression-type", "zlib")).gelf.compression == GelfCompression::Zlib);
    CHECK(parseLogOptions("gelf", tcp).delivery->maximumRetries == 3);
    CHECK(parseLogOptions("gelf", with(tcp, "gelf-tcp-reconnect-delay", "2")).delivery->retryWait == 2s);
    CHECK(refusal("gelf", with(udp, "gelf-compression-type", "foo")) == "unknown value \"foo\" for log opt \"gelf-compression-type\" for gelf log driver");
    CHECK(refusal("gelf", with(udp, "gelf-compression-level", "10")) == "unknown value \"10\" for log opt \"gelf-compression-level\" for gelf log driver");
    CHECK(refusal("gelf", with(tcp, "gelf-compression-type", "gzip")) == "compression is only supported on UDP");
    CHECK(refusal("gelf", with(udp, "gelf-tcp-max-reconnect", "1")) == "\"gelf-tcp-max-reconnect\" is only valid for TCP");
    CHECK(refusal("gelf", with(tcp, "gelf-tcp-max-reconnect", "-1")) == "\"gelf-tcp-max-reconnect\" must be a positive integer");
    CHECK_FALSE(parseLogOptions("fluentd", {{"fluentd-async", "true"}}).delivery->waitsForReceiver);
    CHECK(parseLogOptions("fluentd", {{"fluentd-buffer-limit", "8k"}, {"fluentd-retry-wait", "250ms"}}).delivery->bufferSize == 8192);
    for (const char* name : {"fluentd-async", "fluentd-buffer-limit", "fluentd-max-retries", "fluentd-retry-wait", "fluentd-request-ack", "fluentd-sub-second-precision"})
        CHECK(refusal("fluentd", {{name, "x"}}) != "taken");
    CHECK(refusal("fluentd", {{"fluentd-async", "true"}, {"fluentd-async-connect", "true"}}).starts_with("conflicting options"));
}

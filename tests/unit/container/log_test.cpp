#include <fstream>
#include <thread>

#include <doctest/doctest.h>

#include "engine/error.h"
#include "engine/linux/fd.h"
#include "engine/log/reader.h"
#include "engine/timestamp.h"
#include "tests/unit/container/temporary_host.h"

using namespace devc::engine;

namespace {

constexpr std::int64_t start = 1'767'225'600'000'000'000;  // 2026-01-01T00:00:00Z

std::string entry(int number, const char* stream = "stdout") {
    return fmt::format("{{\"log\":\"{}\\n\",\"stream\":\"{}\",\"time\":\"{}\"}}\n", number, stream, formatMoment(start + number * 1'000'000'000LL));
}

struct Log : TemporaryHost {
    std::string path = (folder / "log").string();
    void write(const std::string& suffix, int first, int last) {
        std::ofstream file(path + suffix, std::ios::app);
        for (int i = first; i <= last; ++i) file << entry(i);
    }
    std::string read(const LogRange& range) {
        std::string out;
        LogReader(path).read(range, [&](const LogEntry& line) {
            out += line.text.substr(0, line.text.size() - 1);
            out += ' ';
            return true;
        });
        return out;
    }
};

}  // namespace

TEST_CASE("a log is read in order, rotated files first") {
    Log log;
    log.write(".2", 1, 2);
    log.write(".1", 3, 4);
    log.write("", 5, 6);
    CHECK(log.read({}) == "1 2 3 4 5 6 ");
}

TEST_CASE("a log that does not exist has no lines") {
    Log log;
    CHECK(log.read({}) == "");
    CHECK(log.read({.tail = 3}) == "");
}

TEST_CASE("the tail counts lines over rotated files") {
    Log log;
    log.write(".1", 1, 3);
    log.write("", 4, 5);
    CHECK(log.read({.tail = 0}) == "");
    CHECK(log.read({.tail = 1}) == "5 ");
    CHECK(log.read({.tail = 2}) == "4 5 ");
    CHECK(log.read({.tail = 4}) == "2 3 4 5 ");
    CHECK(log.read({.tail = 99}) == "1 2 3 4 5 ");
}

TEST_CASE("the tail of a long log is found from its end") {
    Log log;
    log.write("", 1, 20000);
    CHECK(log.read({.tail = 2}) == "19999 20000 ");
}

TEST_CASE("since and until are both inclusive") {
    Log log;
    log.write("", 1, 5);
    LogRange range;
    range.since = start + 2'000'000'000;
    range.until = start + 4'000'000'000;
    CHECK(log.read(range) == "2 3 4 ");
}

TEST_CASE("entries are decoded with every escape, and nonsense between them is skipped") {
    std::string storage;
    auto plain = decodeLogEntry(R"({"log":"a\tb\"\\\n","stream":"stderr","time":"2026-01-01T00:00:00Z"})", storage);
    REQUIRE(plain);
    CHECK(plain->text == "a\tb\"\\\n");
    CHECK(plain->fromStderr);
    auto unicode = decodeLogEntry(R"({"log":"\u00e9\u001b\n","stream":"stdout","time":"T"})", storage);
    REQUIRE(unicode);
    CHECK(unicode->text == "\xc3\xa9\x1b\n");
    CHECK(unicode->time == "T");
    auto docker = decodeLogEntry(R"({"time":"T","log":"x","stream":"stdout","attrs":{"a":"b"}})", storage);
    REQUIRE(docker);
    CHECK(docker->text == "x");
    for (const char* bad : {"", "{", "null", "[]", "{\"log\":\"", "{\"log\":\"\\"}) CHECK_FALSE(decodeLogEntry(bad, storage));
}

TEST_CASE("following sees new lines, a rotation, and ends with the container") {
    Log log;
    log.write("", 1, 2);
    std::filesystem::create_directories(log.folder / "life");
    std::atomic<bool> over = false;
    std::string seen;
    std::thread writer([&] {
        log.write("", 3, 3);
        std::filesystem::rename(log.path, log.path + ".1");
        log.write("", 4, 5);
        over = true;
        writeFileAtomically((log.folder / "life" / "state").string(), "ended");
    });
    LogReader(log.path).follow({.tail = 1}, {(log.folder / "life").string(), [&] { return over.load(); }, [] { return -1; }}, [&](const LogEntry& line) {
        seen += line.text;
        return true;
    });
    writer.join();
    CHECK(seen.ends_with("3\n4\n5\n"));
}

TEST_CASE("times that no moment counts are the first or the last one") {
    constexpr std::int64_t first = std::numeric_limits<std::int64_t>::min(), last = std::numeric_limits<std::int64_t>::max();
    CHECK(parseMoment("9999-12-31", start) == last);
    CHECK(parseMoment("9999-12-31T00:00:00Z", start) == last);
    CHECK(parseMoment("0001-01-01T00:00:00Z", start) == first);
    for (std::int64_t moment : {first, first + 1, std::int64_t{-1}, last - 1, last}) CHECK(parseMoment(formatMoment(moment), start) == moment);
}

TEST_CASE("times are read in every form that users write") {
    std::int64_t now = start;
    CHECK(parseMoment("2026-01-01T00:00:00Z", now) == start);
    CHECK(parseMoment("2026-01-01T02:00:00.5+02:00", now) == start + 500'000'000);
    CHECK(parseMoment("1767225600", now) == start);
    CHECK(parseMoment("1767225600.000000001", now) == start + 1);
    CHECK(parseMoment("1m30s", now) == start - 90'000'000'000);
    CHECK(parseMoment("1.5h", now) == start - 5'400'000'000'000);
    CHECK(formatMoment(start + 7) == "2026-01-01T00:00:00.000000007Z");
    for (const char* bad : {"", "x", "10", "10x", "2026-13", "2026-01-01T", "9999999999999999999999", "1h-", "-1m", "2026-13-01", "2026-02-30T00:00:00Z",
                            "2026-01-01T24:00:00Z", "600000h600000h600000h600000h600000h"}) {
        if (std::string(bad) == "10") CHECK(parseMoment(bad, now) == 10'000'000'000);
        else CHECK_THROWS_AS(parseMoment(bad, now), Error);
    }
}

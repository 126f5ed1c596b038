#include <doctest/doctest.h>

#include <atomic>
#include <fcntl.h>
#include <filesystem>
#include <thread>
#include <unistd.h>

#include "engine/log/gzip.h"
#include "engine/log/reader.h"
#include "engine/monitor/log_writer.h"
#include "tests/unit/temporary_folder.h"

using namespace devc::engine;
namespace fs = std::filesystem;

namespace {

/// A folder of the test's own.
struct Folder : TemporaryFolder {
    std::string log() const { return (path / "log").string(); }
};

LogFileSettings settings(bool compress) {
    LogFileSettings s;
    s.maximumSize = 2000;
    s.maximumFiles = 4;
    s.compress = compress;
    s.attributes = true;
    return s;
}

std::string all(const std::string& path, LogRange range = {}) {
    std::string text;
    LogReader(path).read(range, [&](const LogEntry& entry) {
        text += entry.text;
        return true;
    });
    return text;
}

void writeNumbers(LogWriter& writer, int from, int to) {
    for (int i = from; i < to; ++i) writer.write(0, std::to_string(i) + "\n", 1'000'000'000LL * i);
}

std::string numbers(int from, int to) {
    std::string text;
    for (int i = from; i < to; ++i) text += std::to_string(i) + "\n";
    return text;
}

}  // namespace

TEST_CASE("rotated log files are compressed where that is asked for, and read as before") {
    Folder folder;
    LogWriter writer(settings(true), {}, folder.log());
    writeNumbers(writer, 100, 160);
    CHECK(fs::exists(folder.path / "log.1.gz"));
    CHECK_FALSE(fs::exists(folder.path / "log.1"));
    CHECK(all(folder.log()) == numbers(100, 160));
    LogRange tail;
    tail.tail = 45;
    CHECK(all(folder.log(), tail) == numbers(115, 160));
    writeNumbers(writer, 160, 400);
    CHECK(fs::exists(folder.path / "log.3.gz"));
    CHECK_FALSE(fs::exists(folder.path / "log.4.gz"));
    std::string kept = all(folder.log());
    CHECK(numbers(100, 400).ends_with(kept));
    CHECK(kept.size() > 300);
}

TEST_CASE("a log is read whole and in order while its files are renamed and compressed") {
    for (bool compress : {false, true}) {
        CAPTURE(compress);
        Folder folder;
        fs::create_directory(folder.path / "life");
        LogFileSettings small = settings(compress);
        small.maximumFiles = 500;
        LogWriter writer(small, {}, folder.log());
        constexpr int last = 4000;
        std::atomic<bool> over = false;
        std::thread writing([&] {
            writeNumbers(writer, 0, last);
            over = true;
            writeFileAtomically((folder.path / "life/ended").string(), "");
        });
        std::string followed;
        std::thread following([&] {
            LogReader(folder.log()).follow({}, {(folder.path / "life").string(), [&] { return over.load(); }, [] { return -1; }}, [&](const LogEntry& entry) {
                followed += entry.text;
                return true;
            });
        });
        bool whole = true;
        while (!over) {
            const std::string text = all(folder.log());
            whole = whole && numbers(0, last).starts_with(text);
        }
        writing.join();
        following.join();
        CHECK(whole);
        CHECK(followed == numbers(0, last));
    }
}

TEST_CASE("what is read at once is not written at once: no file is much larger than it may be") {
    Folder folder;
    LogFileSettings small = settings(false);
    small.maximumFiles = 100;
    LogWriter writer(small, {}, folder.log());
    writer.write(0, std::string(65536, '\n'), 0);
    CHECK(all(folder.log()) == std::string(65536, '\n'));
    for (const auto& file : fs::directory_iterator(folder.path)) CHECK(file.file_size() < 70'000);
}

TEST_CASE("a compressed log file tells which file it was") {
    Folder folder;
    writeFileAtomically(folder.log(), std::string(300'000, 'x') + "end\n");
    const std::string identity = identityOf(openFile(folder.log(), O_RDONLY).get());
    compressLog(folder.log(), folder.log() + ".gz");
    CHECK_FALSE(fs::exists(folder.log()));
    Fd packed = openFile(folder.log() + ".gz", O_RDONLY);
    CHECK(identityOfCompressed(packed.get()) == identity);
    Fd plain = decompressLog(packed.get(), folder.path.string());
    std::string text(400'000, 0);
    text.resize(static_cast<size_t>(::read(plain.get(), text.data(), text.size())));
    CHECK(text == std::string(300'000, 'x') + "end\n");
}

TEST_CASE("labels, variables and the tag go with each entry of a json-file log") {
    Folder folder;
    LogWriter writer(settings(false), {{"la", "l\"b"}, {"tag", "web"}}, folder.log());
    writer.write(1, "err\n", 0);
    CHECK(readFile(folder.log()) == "{\"log\":\"err\\n\",\"stream\":\"stderr\",\"attrs\":{\"la\":\"l\\\"b\",\"tag\":\"web\"},\"time\":\"1970-01-01T00:00:00.000000000Z\"}\n");
    CHECK(all(folder.log()) == "err\n");
}

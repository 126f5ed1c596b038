#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <sys/file.h>
#include <thread>

#include <doctest/doctest.h>

#include "engine/event/events.h"
#include "engine/linux/fd.h"
#include "engine/timestamp.h"
#include "tests/unit/temporary_folder.h"

using namespace devc::engine;

namespace {

/// An event of that size; four megabytes of them fill a file.
Event numbered(int number, std::size_t size) { return {timestampNow(), "container", std::to_string(number), "a", {{"padding", std::string(size, 'x')}}}; }

std::vector<int> numbersTo(int last) {
    std::vector<int> numbers(static_cast<std::size_t>(last) + 1);
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

/// Descriptors of this process that are of the file.
long openCount(const std::filesystem::path& file) {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::count_if(begin(all), end(all), [&](const auto& entry) {
        std::error_code gone;
        return std::filesystem::read_symlink(entry.path(), gone) == file;
    });
}

}  // namespace

TEST_CASE("events are read from a time on, and followed until enough") {
    char name[] = "/tmp/devc-test-XXXXXX";
    std::filesystem::path folder = ::mkdtemp(name);
    Host host{folder, folder, ""};
    Events events(host);
    events.append({"2020-01-01T00:00:00.000000000Z", "container", "old", "a", {}});
    std::string before = timestampNow();
    events.append({timestampNow(), "container", "create", "a", {{"name", "x"}}});
    std::ofstream(folder / "events", std::ios::app) << "not an event\n";
    std::thread later([&] { events.append({timestampNow(), "container", "start", "a", {}}); });
    std::vector<std::string> seen;
    events.follow(before, "", [&](const Event& event) {
        seen.push_back(event.action);
        return event.action != "start";
    });
    later.join();
    CHECK(seen == std::vector<std::string>{"create", "start"});
    seen.clear();
    events.follow("2019-01-01", "2021-01-01", [&](const Event& event) {
        seen.push_back(event.action);
        return true;
    });
    CHECK(seen == std::vector<std::string>{"old"});
    std::filesystem::remove_all(folder);
}

TEST_CASE("who follows events misses none of two files that come and go meanwhile") {
    TemporaryFolder folder;
    Host host{folder.path, folder.path, ""};
    Events events(host);
    constexpr int last = 11;
    events.append(numbered(0, 10));
    std::vector<int> seen;
    events.follow("1h", "", [&](const Event& event) {
        seen.push_back(std::stoi(event.action));
        if (seen.size() == 1)
            for (int number = 1; number <= last; ++number) events.append(numbered(number, 1 << 20));
        return seen.back() != last;
    });
    CHECK(seen == numbersTo(last));
}

TEST_CASE("events of the past are read whole while their file becomes the one before") {
    TemporaryFolder folder;
    Host host{folder.path, folder.path, ""};
    Events events(host);
    constexpr int last = 10;
    for (int number = 0; number < 5; ++number) events.append(numbered(number, 1 << 20));
    REQUIRE(std::filesystem::exists(folder.path / "events.1"));
    events.append(numbered(5, 10));
    std::vector<int> seen;
    events.follow("1h", "", [&](const Event& event) {
        seen.push_back(std::stoi(event.action));
        if (seen.size() == 1)
            for (int number = 6; number <= last; ++number) events.append(numbered(number, 1 << 20));
        return seen.back() != last;
    });
    CHECK(seen == numbersTo(last));
}

TEST_CASE("no event is written to a file that is being renamed: who follows may have read that to its end") {
    TemporaryFolder folder;
    const Host host{folder.path, folder.path, ""};
    const std::filesystem::path current = folder.path / "events", before = folder.path / "events.1";
    Events(host).append(numbered(0, 10));
    Fd file = openFile(current.string(), O_RDONLY);
    REQUIRE(::flock(file.get(), LOCK_EX) == 0);
    std::atomic<bool> written = false;
    std::jthread writer([&] {
        Events(host).append(numbered(1, 10));
        written = true;
    });
    while (!written && openCount(current) < 2) std::this_thread::yield();
    std::filesystem::rename(current, before);
    file.reset();
    writer.join();
    CHECK(readFile(before.string()).find("\"action\":\"1\"") == std::string::npos);
    CHECK(readFile(current.string()).find("\"action\":\"1\"") != std::string::npos);
}

TEST_CASE("half an event, as a full disk leaves it, takes no other with it") {
    TemporaryFolder folder;
    const Host host{folder.path, folder.path, ""};
    Events events(host);
    events.append(numbered(0, 10));
    std::ofstream(folder.path / "events", std::ios::app) << "{\"time\": \"2026-";
    for (int number : {1, 2}) events.append(numbered(number, 10));
    std::vector<int> seen;
    events.follow("1h", "", [&](const Event& event) {
        seen.push_back(std::stoi(event.action));
        return seen.back() != 2;
    });
    CHECK(seen == numbersTo(2));
}

TEST_CASE("events until a time are all of them, in whatever order they were written") {
    TemporaryFolder folder;
    const Host host{folder.path, folder.path, ""};
    Events events(host);
    for (const char* year : {"2020", "2024", "2021"}) events.append({std::string(year) + "-01-01T00:00:00.000000000Z", "container", year, "a", {}});
    std::vector<std::string> seen;
    events.follow("2019-01-01", "2022-01-01", [&](const Event& event) {
        seen.push_back(event.action);
        return true;
    });
    CHECK(seen == std::vector<std::string>{"2020", "2021"});
}

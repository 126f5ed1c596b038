#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <doctest/doctest.h>

#include "engine/event/events.h"
#include "engine/timestamp.h"

using namespace devc::engine;

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

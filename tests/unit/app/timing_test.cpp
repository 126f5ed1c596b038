#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "app/graph/timing.h"
#include "engine/error.h"

using namespace devc::app;

namespace {

constexpr std::int64_t second = 1'000'000'000;

/// web waits for db to be healthy; cache starts beside them and takes less.
Timing shop() {
    return {"shop",
            "2026-01-31T10:00:00.000000000Z",
            {{"images present", "", 0, second, {}},
             {"container shop-db-1 started", "db", second, 2 * second, {0}},
             {"container shop-cache-1 started", "cache", second, 3 * second, {0}},
             {"db is healthy", "db", 2 * second, 7 * second, {1}},
             {"container shop-web-1 started", "web", 7 * second + second / 2, 8 * second, {2, 3}}}};
}

Action action(Step step, const char* subject, std::vector<std::size_t> after) {
    Action result;
    result.step = step;
    result.subject = subject;
    result.after = std::move(after);
    return result;
}

}  // namespace

TEST_CASE("the longest way goes from the last step back over what each had to wait for") {
    const std::vector<CriticalStep> path = criticalPath(shop());
    REQUIRE(path.size() == 4);
    CHECK(path[0].step == 0);
    CHECK(path[1].step == 1);
    CHECK(path[2].step == 3);
    CHECK(path[3].step == 4);
    CHECK(path[3].waited == second / 2);
}

TEST_CASE("nothing done has no longest way") { CHECK(criticalPath({"shop", "", {}}).empty()); }

TEST_CASE("steps that come after each other in a circle end the way") {
    const Timing circle{"shop", "", {{"a", "", 0, 1, {1}}, {"b", "", 0, 2, {0}}}};
    CHECK(criticalPath(circle).size() == 2);
}

TEST_CASE("the text says how long each step of the longest way took and what each waited for") {
    const std::string text = timingAsText(shop());
    CHECK(text.find("took 8.000 s") != std::string::npos);
    CHECK(text.find("7.500 s  0.500 s  0.500 s  container shop-web-1 started") != std::string::npos);
    CHECK(text.find("container shop-web-1 started    db is healthy") != std::string::npos);
}

TEST_CASE("the times as JSON have the longest way and all steps") {
    const auto json = nlohmann::json::parse(timingAsJson(shop()));
    CHECK(json["seconds"] == 8.0);
    CHECK(json["criticalPath"].size() == 4);
    CHECK(json["criticalPath"][3]["what"] == "container shop-web-1 started");
    CHECK(json["criticalPath"][3]["waitedFor"] == "db is healthy");
    CHECK(json["steps"].size() == 5);
}

TEST_CASE("what is kept of an up is read again as it was") { CHECK(decodeTiming(encode(shop())) == shop()); }

TEST_CASE("kept times that make no sense are refused") {
    CHECK_THROWS_AS(decodeTiming("{"), devc::engine::Error);
    CHECK_THROWS_AS(decodeTiming(R"({"project": "a", "began": "", "steps": [{"what": "x", "service": "", "begin": 0, "end": 1, "after": [7]}]})"), devc::engine::Error);
}

TEST_CASE("a stopwatch knows the steps that ended, behind those that ended before them") {
    ActionGraph graph;
    graph.add(action(Step::CreateNetwork, "shop_default", {}));
    graph.add(action(Step::CreateContainer, "shop-db-1", {0}));
    graph.add(action(Step::StartContainer, "shop-db-1", {1}));
    Stopwatch watch;
    CHECK(watch.measure("images present", [] { return 7; }) == 7);
    const std::size_t first = watch.expect(graph);
    for (const std::size_t done : {first, first + 2}) {
        watch.begin(done);
        watch.end(done);
    }
    const Timing timing = watch.result("shop");
    REQUIRE(timing.steps.size() == 3);
    CHECK(timing.steps[1].what == "network shop_default created");
    CHECK(timing.steps[1].after == std::vector<std::size_t>{0});
    CHECK(timing.steps[2].what == "container shop-db-1 started");
    CHECK(timing.steps[2].after.empty());
    CHECK(timing.steps[1].end >= timing.steps[1].begin);
}

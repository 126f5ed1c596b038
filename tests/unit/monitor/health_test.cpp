#include <doctest/doctest.h>

#include "engine/monitor/health.h"

using namespace devc::engine;
using namespace std::chrono_literals;

namespace {

HealthCheck check(int retries, Nanoseconds startPeriod) {
    HealthCheck result;
    result.retries = retries;
    result.startPeriod = startPeriod;
    return result;
}

ContainerState starting() {
    ContainerState state;
    state.health = HealthStatus::Starting;
    return state;
}

HealthProbe probe(int code) { return {"", "", code, ""}; }

}  // namespace

TEST_CASE("one good probe makes a container healthy") {
    ContainerState state = starting();
    recordProbe(state, probe(0), check(3, 0s), 1s);
    CHECK(state.health == HealthStatus::Healthy);
}

TEST_CASE("only as many failures in a row as retries make it unhealthy") {
    ContainerState state = starting();
    recordProbe(state, probe(1), check(3, 0s), 1s);
    recordProbe(state, probe(1), check(3, 0s), 2s);
    CHECK(state.health == HealthStatus::Starting);
    CHECK(state.failingStreak == 2);
    recordProbe(state, probe(0), check(3, 0s), 3s);
    CHECK(state.failingStreak == 0);
    for (int i = 0; i < 2; ++i) recordProbe(state, probe(1), check(3, 0s), 4s);
    CHECK(state.health == HealthStatus::Healthy);
    recordProbe(state, probe(1), check(3, 0s), 5s);
    CHECK(state.health == HealthStatus::Unhealthy);
    recordProbe(state, probe(0), check(3, 0s), 6s);
    CHECK(state.health == HealthStatus::Healthy);
}

TEST_CASE("failures in the start period do not count") {
    ContainerState state = starting();
    for (int i = 0; i < 10; ++i) recordProbe(state, probe(1), check(1, 10s), 5s);
    CHECK(state.health == HealthStatus::Starting);
    CHECK(state.failingStreak == 0);
    recordProbe(state, probe(1), check(1, 10s), 10s);
    CHECK(state.health == HealthStatus::Unhealthy);
}

TEST_CASE("once healthy, the start period is over") {
    ContainerState state = starting();
    recordProbe(state, probe(0), check(1, 10s), 1s);
    recordProbe(state, probe(1), check(1, 10s), 2s);
    CHECK(state.health == HealthStatus::Unhealthy);
}

TEST_CASE("the last five probes are kept") {
    ContainerState state = starting();
    for (int code = 0; code < 8; ++code) recordProbe(state, probe(code), check(100, 0s), 1s);
    REQUIRE(state.healthLog.size() == 5);
    CHECK(state.healthLog.front().exitCode == 3);
    CHECK(state.healthLog.back().exitCode == 7);
}

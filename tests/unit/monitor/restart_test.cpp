#include <doctest/doctest.h>

#include "engine/monitor/restart.h"

using namespace devc::engine;
using namespace std::chrono_literals;

namespace {

constexpr ExitStatus success{0, 0}, failure{3, 0}, killed{0, 9};

RestartManager managerOf(RestartCondition condition, int retries = 0) {
    RestartPolicy policy;
    policy.condition = condition;
    policy.maximumRetries = retries;
    return RestartManager(policy);
}

}  // namespace

TEST_CASE("without a policy nothing is started again") {
    CHECK(!managerOf(RestartCondition::No).next(failure, 1s, 0));
}

TEST_CASE("always and unless-stopped start again after any end") {
    for (RestartCondition condition : {RestartCondition::Always, RestartCondition::UnlessStopped}) {
        CHECK(managerOf(condition).next(success, 1s, 0));
        CHECK(managerOf(condition).next(failure, 1s, 100));
    }
}

TEST_CASE("on-failure starts again after a failure or a signal, never after a success") {
    CHECK(managerOf(RestartCondition::OnFailure).next(failure, 1s, 1000));
    CHECK(managerOf(RestartCondition::OnFailure).next(killed, 1s, 0));
    CHECK(!managerOf(RestartCondition::OnFailure).next(success, 1s, 0));
}

TEST_CASE("on-failure:2 gives up after two restarts") {
    RestartManager manager = managerOf(RestartCondition::OnFailure, 2);
    CHECK(manager.next(failure, 1s, 1));
    CHECK(!manager.next(failure, 1s, 2));
}

TEST_CASE("the wait doubles from 100 ms up to a minute") {
    RestartManager manager = managerOf(RestartCondition::Always);
    Nanoseconds expected = 100ms;
    for (int restart = 0; restart < 15; ++restart) {
        CHECK(manager.next(failure, 1s, restart) == expected);
        expected = std::min<Nanoseconds>(expected * 2, 60s);
    }
    CHECK(expected == 60s);
}

TEST_CASE("a run of ten seconds sets the wait back") {
    RestartManager manager = managerOf(RestartCondition::Always);
    for (int restart = 0; restart < 5; ++restart) manager.next(failure, 9999ms, restart);
    CHECK(manager.next(failure, 10s, 5) == 100ms);
    CHECK(manager.next(failure, 0s, 6) == 200ms);
}

#include "engine/container/boot.h"

#include <doctest/doctest.h>

using namespace devc::engine;

TEST_CASE("after a start of the machine containers come back as docker's do") {
    const LastLife never{}, interrupted{.started = true, .interrupted = true}, ended{.started = true}, failed{.started = true, .exitCode = 3};
    LastLife stopped = failed;
    stopped.stoppedByUser = true;
    struct Row {
        RestartCondition condition;
        bool never, interrupted, ended, failed, stopped;
    };
    const Row rows[] = {
        {RestartCondition::No, false, false, false, false, false},
        {RestartCondition::Always, false, true, true, true, true},
        {RestartCondition::UnlessStopped, false, true, true, true, false},
        {RestartCondition::OnFailure, false, true, false, true, false},
    };
    for (const Row& row : rows) {
        const RestartPolicy policy{row.condition, 0};
        CAPTURE(static_cast<int>(row.condition));
        CHECK(comesBack(policy, never) == row.never);
        CHECK(comesBack(policy, interrupted) == row.interrupted);
        CHECK(comesBack(policy, ended) == row.ended);
        CHECK(comesBack(policy, failed) == row.failed);
        CHECK(comesBack(policy, stopped) == row.stopped);
    }
}

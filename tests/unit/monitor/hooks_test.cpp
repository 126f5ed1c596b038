#include <doctest/doctest.h>

#include "engine/error.h"
#include "engine/monitor/hooks.h"

using namespace devc::engine;

namespace {

RuntimeHook shell(const std::string& line, std::int64_t timeout = 0) { return {"/bin/sh", {"sh", "-c", line}, {}, timeout}; }

}  // namespace

TEST_CASE("a last hook that fails does not keep the others") {
    RuntimeConfig config;
    config.hooks["poststop"] = {shell("exit 3"), shell("cat >&2; exit 4"), shell("true")};
    auto failures = runLastHooks(config, "{}");
    REQUIRE(failures.size() == 2);
    CHECK(failures[0] == "hook poststop /bin/sh ended with status 3");
    CHECK(failures[1] == "hook poststop /bin/sh ended with status 4");
    CHECK(runLastHooks({}, "{}").empty());
}

TEST_CASE("an earlier hook that fails or takes too long is an error") {
    RuntimeConfig config;
    config.hooks["prestart"] = {shell("exit 3")};
    CHECK_THROWS_AS(runHooks("prestart", config, "{}"), Error);
    config.hooks["prestart"] = {shell("exec sleep 60", 1)};
    CHECK_THROWS_AS(runHooks("prestart", config, "{}"), Error);
    CHECK_NOTHROW(runHooks("createRuntime", config, "{}"));
}

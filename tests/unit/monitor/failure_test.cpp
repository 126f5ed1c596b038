#include "engine/launch/failure.h"

#include <doctest/doctest.h>

using namespace devc::engine;

TEST_CASE("a failure told to another process keeps its sentence, details, hints and status") {
    Error error("mount overlay: no such device", 126);
    error.detail("the kernel says: nothing").detail("two\nlines").hint("modprobe overlay").hint("devc doctor");
    const Error told = decodeFailure(encodeFailure(error));
    CHECK(std::string(told.what()) == "mount overlay: no such device");
    CHECK(told.details() == std::vector<std::string>{"the kernel says: nothing", "two", "lines"});
    CHECK(told.hints() == std::vector<std::string>{"modprobe overlay", "devc doctor"});
    CHECK(told.exitStatus() == 126);
}

TEST_CASE("a failure without more is a sentence, and status 1 becomes docker's 125") {
    const Error told = decodeFailure(encodeFailure(Error("no")));
    CHECK(std::string(told.what()) == "no");
    CHECK(told.details().empty());
    CHECK(told.hints().empty());
    CHECK(told.exitStatus() == 125);
}

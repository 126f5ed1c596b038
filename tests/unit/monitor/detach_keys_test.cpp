#include <doctest/doctest.h>

#include "engine/error.h"
#include "engine/launch/detach_keys.h"

using namespace devc::engine;

TEST_CASE("ctrl-p,ctrl-q detaches unless other keys are given") {
    DetachKeys keys("");
    std::string typed = "ab\x10\x11";
    CHECK(keys.filter(typed));
    CHECK(typed == "ab");
}

TEST_CASE("a part of the sequence is held back, and passed on when it was none") {
    DetachKeys keys("");
    std::string typed = "\x10";
    CHECK_FALSE(keys.filter(typed));
    CHECK(typed.empty());
    typed = "x";
    CHECK_FALSE(keys.filter(typed));
    CHECK(typed == "\x10x");
    typed = "\x10\x10\x11";
    CHECK(keys.filter(typed));
    CHECK(typed == "\x10");
}

TEST_CASE("keys are letters or ctrl- with one") {
    DetachKeys keys("ctrl-a,d");
    std::string typed = "\x01" "d";
    CHECK(keys.filter(typed));
    for (const char* wrong : {"ctrl-", "ctrl-1", "ab", "a,,b", "ctrl-ab"}) CHECK_THROWS_AS(DetachKeys{wrong}, Error);
}

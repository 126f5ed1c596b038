#include <doctest/doctest.h>

#include "compose/interpolate.h"

using namespace devc::compose;

namespace {

std::string expand(std::string_view text) {
    static const StringMap variables = {{"A", "va"}, {"EMPTY", ""}, {"B", "b"}};
    return interpolate(text, [](std::string_view name) -> std::optional<std::string> {
        auto found = variables.find(std::string(name));
        return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
    });
}

}  // namespace

TEST_CASE("variables stand with and without braces") {
    CHECK(expand("$A-${A}-x") == "va-va-x");
    CHECK(expand("a$$b $${A}") == "a$b ${A}");
    CHECK(expand("pre${A}mid${B}post") == "prevamidbpost");
}

TEST_CASE("defaults are used for what is not set, with a colon also for what is empty") {
    CHECK(expand("${UNSET-d}") == "d");
    CHECK(expand("${EMPTY-d}") == "");
    CHECK(expand("${EMPTY:-d}") == "d");
    CHECK(expand("${A:-d}") == "va");
    CHECK(expand("${UNSET:-a:b-c?d}") == "a:b-c?d");
}

TEST_CASE("alternates are used for what is set") {
    CHECK(expand("${A:+r}") == "r");
    CHECK(expand("${EMPTY:+r}") == "");
    CHECK(expand("${EMPTY+r}") == "r");
    CHECK(expand("${UNSET+r}") == "");
}

TEST_CASE("defaults nest") {
    CHECK(expand("${UNSET:-${OTHER:-${B}}}") == "b");
    CHECK(expand("${UNSET:-${A}-${B}}!") == "va-b!");
    CHECK(expand("${UNSET:-$$x}") == "$x");
}

TEST_CASE("a required variable without value is an error that says the message") {
    CHECK(expand("${A?needed}") == "va");
    CHECK_THROWS_AS(expand("${EMPTY:?set it}"), InterpolationError);
    try {
        expand("${UNSET?please set $A}");
    } catch (const InterpolationError& error) {
        CHECK(error.message == "required variable UNSET is missing a value: please set va");
    }
}

TEST_CASE("what is no variable is refused") {
    for (const char* text : {"${", "${A", "${1A}", "${A:x}", "${}", "${A }"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(expand(text), InterpolationError);
    }
}

TEST_CASE("a dollar before what is no name stands for itself") {
    CHECK(expand("cost $5, $(pwd) and $") == "cost $5, $(pwd) and $");
}

TEST_CASE("nesting is bounded") {
    std::string text = "x";
    for (int i = 0; i < 1000; ++i) text = "${U:-" + text + "}";
    CHECK_THROWS_AS(expand(text), InterpolationError);
}

TEST_CASE("the variables of a text are found with their defaults") {
    std::vector<Variable> found;
    collectVariables("${A:-1} ${B?x} $C ${D:+y} $$E", found);
    REQUIRE(found.size() == 4);
    CHECK(found[0].defaultValue == "1");
    CHECK(found[1].required);
    CHECK(found[2].name == "C");
    CHECK(found[3].alternateValue == "y");
}

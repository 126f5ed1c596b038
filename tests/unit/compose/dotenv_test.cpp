#include <doctest/doctest.h>

#include "compose/diagnostics.h"
#include "compose/source/dotenv.h"

using namespace devc::compose;

namespace {

StringMap parse(const std::string& text, const StringMap& outer = {}) {
    Source source{"f.env", text};
    return parseDotenv(source, [&](std::string_view name) -> std::optional<std::string> {
        auto found = outer.find(std::string(name));
        return found == outer.end() ? std::nullopt : std::optional<std::string>(found->second);
    });
}

}  // namespace

TEST_CASE("plain values end at a comment and lose trailing blanks") {
    StringMap values = parse("# c\nA=1\nB= two words   # comment\nC=a#b\nD=\n\nE : yaml\nexport F=x");
    CHECK(values["A"] == "1");
    CHECK(values["B"] == "two words");
    CHECK(values["C"] == "a#b");
    CHECK(values["D"] == "");
    CHECK(values["E"] == "yaml");
    CHECK(values["F"] == "x");
}

TEST_CASE("single quotes keep everything, double quotes expand") {
    StringMap values = parse("A=1\nB='$A \\n'\nC=\"$A\\n\\\"q\\\" \\$A\"\nD=\"two\nlines\"");
    CHECK(values["B"] == "$A \\n");
    CHECK(values["C"] == "1\n\"q\" $A");
    CHECK(values["D"] == "two\nlines");
}

TEST_CASE("the environment wins in expansion and gives keys without value") {
    StringMap values = parse("A=file\nB=$A\nG\nH", {{"A", "shell"}, {"G", "g"}});
    CHECK(values["A"] == "file");
    CHECK(values["B"] == "shell");
    CHECK(values["G"] == "g");
    CHECK_FALSE(values.contains("H"));
}

TEST_CASE("errors of environment files name the line") {
    try {
        parse("OK=1\nA=\"open\n");
        FAIL("accepted");
    } catch (const LoadError& error) {
        CHECK(error.diagnostics().front().line == 2);
        CHECK(error.diagnostics().front().file == "f.env");
    }
    CHECK_THROWS_AS(parse("A B=1"), LoadError);
    CHECK_THROWS_AS(parse("A!=1"), LoadError);
}

TEST_CASE("raw files are taken as they stand") {
    Source source{"f", "A='x'\nB=$A ${C}\r\n# c\n"};
    StringMap values = parseRawEnvironment(source, [](std::string_view) { return std::nullopt; });
    CHECK(values["A"] == "'x'");
    CHECK(values["B"] == "$A ${C}");
    CHECK(values.size() == 2);
}

#include <doctest/doctest.h>

#include "engine/build/expand.h"
#include "engine/error.h"

using namespace devc::engine::build;

namespace {
std::string expand(std::string_view text) {
    return Expander().word(text, [](std::string_view name) -> std::optional<std::string> {
        if (name == "A") return "a";
        if (name == "EMPTY") return "";
        if (name == "P") return "/usr/local/foo.tar.gz";
        if (name == "W") return "two words";
        return std::nullopt;
    });
}
std::vector<std::string> split(std::string_view text) {
    return Expander().words(text, [](std::string_view name) -> std::optional<std::string> {
        if (name == "W") return "two words";
        return std::nullopt;
    });
}
}  // namespace

TEST_CASE("variables are replaced in every form of the reference") {
    CHECK(expand("$A-x") == "a-x");
    CHECK(expand("${A}x$NO") == "ax");
    CHECK(expand("${NO:-d}${EMPTY:-d}${EMPTY-d}${A:-d}") == "dda");
    CHECK(expand("${NO:+s}${EMPTY:+s}${EMPTY+s}${A:+s}") == "ss");
    CHECK(expand("${NO:-${A}b}") == "ab");
    CHECK(expand("${P#*/}") == "usr/local/foo.tar.gz");
    CHECK(expand("${P##*/}") == "foo.tar.gz");
    CHECK(expand("${P%.*}") == "/usr/local/foo.tar");
    CHECK(expand("${P%%.*}") == "/usr/local/foo");
    CHECK(expand("${P/usr/opt}") == "/opt/local/foo.tar.gz");
    CHECK(expand("${P//o/0}") == "/usr/l0cal/f00.tar.gz");
    CHECK(expand("cost $ 5 $") == "cost $ 5 $");
}

TEST_CASE("quotes and escapes are removed as a shell would") {
    CHECK(expand("'$A'\"$A\"") == "$Aa");
    CHECK(expand(R"("q\"q")") == "q\"q");
    CHECK(expand(R"(\$A three\ words)") == "$A three words");
    CHECK(expand(R"("a\nb")") == "a\\nb");
}

TEST_CASE("bad substitutions are errors, not surprises") {
    CHECK_THROWS_AS(expand("${A"), devc::engine::Error);
    CHECK_THROWS_AS(expand("${}"), devc::engine::Error);
    CHECK_THROWS_AS(expand("${NO?}"), devc::engine::Error);
    CHECK_THROWS_AS(expand("${A^x}"), devc::engine::Error);
    CHECK_THROWS_AS(expand("'open"), devc::engine::Error);
    CHECK(expand("${A?must be set}") == "a");
}

TEST_CASE("unquoted values split into words, quoted ones do not") {
    CHECK(split("a $W") == std::vector<std::string>{"a", "two", "words"});
    CHECK(split("\"$W\" ''") == std::vector<std::string>{"two words", ""});
}

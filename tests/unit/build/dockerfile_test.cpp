#include <doctest/doctest.h>

#include "engine/build/dockerfile.h"
#include "engine/error.h"

using namespace devc::engine::build;
using devc::engine::Error;

TEST_CASE("continued lines, comments, a byte order mark and CRLF are taken away") {
    const auto file = parseDockerfile("\xef\xbb\xbf# escape=\\\r\nFROM busybox AS One\r\n# note\r\nRUN echo a \\\r\n  # inner\r\n\r\n  b\r\n");
    REQUIRE(file.stages.size() == 1);
    CHECK(file.stages[0].name() == "one");
    REQUIRE(file.stages[0].instructions.size() == 1);
    CHECK(file.stages[0].instructions[0].arguments[0] == "echo a   b");
    CHECK(file.stages[0].instructions[0].first == 4);
}

TEST_CASE("heredocs belong to the instruction that opens them") {
    const auto file = parseDockerfile("FROM x\nCOPY <<A <<-\"B\" /d/\none $x\nA\n\ttwo\n\tB\nRUN true\n");
    const auto& copy = file.stages[0].instructions[0];
    REQUIRE(copy.heredocs.size() == 2);
    CHECK(copy.heredocs[0].content == "one $x\n");
    CHECK(copy.heredocs[0].expand);
    CHECK(copy.heredocs[1].name == "B");
    CHECK_FALSE(copy.heredocs[1].expand);
    CHECK(copy.heredocs[1].chomp);
    CHECK(file.stages[0].instructions[1].first == 7);
}

TEST_CASE("mistakes are told with their line") {
    const auto message = [](const char* text) {
        try {
            parseDockerfile(text);
        } catch (const devc::engine::Error& error) {
            return std::string(error.what());
        }
        return std::string("no error");
    };
    CHECK(message("FROM b\nRUNN x") == "dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)");
    CHECK(message("FROM b\nCOPY --nope a /b") == "dockerfile parse error on line 2: unknown flag: --nope");
    CHECK(message("FROM b AS 9x").find("invalid name for build stage: \"9x\"") != std::string::npos);
    CHECK(message("FROM b\nENV A").find("ENV must have two arguments") != std::string::npos);
    CHECK(message("FROM b\nRUN <<E\nx").find("unterminated heredoc") != std::string::npos);
    CHECK(message("").find("cannot be empty") != std::string::npos);
    CHECK(message("# c\n").find("file with no instructions") != std::string::npos);
    CHECK(message("ARG A\n").find("no stages") != std::string::npos);
    CHECK(message("RUN x\n").find("no build stage in current context") != std::string::npos);
}

TEST_CASE("what is no Dockerfile, or none that anybody wrote, is refused at its line") {
    const auto message = [](const std::string& text) {
        try {
            parseDockerfile(text);
        } catch (const devc::engine::Error& error) {
            return std::string(error.what());
        }
        return std::string("no error");
    };
    CHECK(message(std::string("FROM b\nENV A=\0b\n", 16)) == "dockerfile parse error on line 2: it has a NUL byte: this is no text");
    std::string stages, steps = "FROM b\n";
    for (int i = 0; i <= 1000; ++i) stages += "FROM b\n";
    for (int i = 0; i < 5000; ++i) steps += "COPY a b\n";
    CHECK(message(stages) == "dockerfile parse error on line 1001: more than 1000 stages");
    CHECK(message(steps) == "dockerfile parse error on line 5001: more than 5000 instructions");
}

TEST_CASE("a here-document may be announced before its name, and in ONBUILD") {
    const Dockerfile file = parseDockerfile("FROM x\nRUN cat << A >/o && cat <<B >/p\none\nA\ntwo\nB\nONBUILD COPY <<-C /c\n\tthree\n\tC\n");
    REQUIRE(file.stages[0].instructions.size() == 2);
    REQUIRE(file.stages[0].instructions[0].heredocs.size() == 2);
    CHECK(file.stages[0].instructions[0].heredocs[1].content == "two\n");
    CHECK(file.stages[0].instructions[1].arguments[0] == "COPY <<-C /c\n\tthree\nC");
    CHECK(isHeredocOnly("<< EOF"));
    CHECK(!isHeredocOnly("<< EOF sh"));
    CHECK_THROWS_AS(parseDockerfile("FROM x\nRUN echo $((1 << 2))\n"), Error);
    CHECK_THROWS_AS(parseDockerfile("FROM x\nCOPY f <<E\nE\n"), Error);
}

TEST_CASE("a JSON form of something else than strings is a mistake, text that is no JSON a shell command") {
    CHECK_THROWS_AS(parseDockerfile("FROM x\nCMD [\"a\", 1]\n"), Error);
    CHECK_THROWS_AS(parseDockerfile("FROM x\nONBUILD CMD [1]\n"), Error);
    CHECK(!parseDockerfile("FROM x\nCMD ['a']\n").stages[0].instructions[0].json);
    CHECK(parseDockerfile("FROM x\nCMD [\"a\xff\"]\n").stages[0].instructions[0].arguments[0] == "a\xef\xbf\xbd");
}

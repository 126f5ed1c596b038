#include <doctest/doctest.h>

#include "engine/build/lint.h"
#include "engine/error.h"

using namespace devc::engine;
using namespace devc::engine::build;

namespace {

/// "Rule:line Rule:line", in order.
std::string found(const char* text, const std::string& directive = "") {
    LintFacts facts;
    facts.isIgnored = [](const std::string& path) { return path == "hidden"; };
    facts.variablesOf = [](const std::string& image) { return image == "lang" ? std::set<std::string>{"LANG_HOME"} : std::set<std::string>{}; };
    std::string list;
    for (const Finding& finding : lint(parseDockerfile(text), CheckOptions::parse(directive), facts))
        list += (list.empty() ? "" : " ") + finding.rule + ":" + std::to_string(finding.line);
    return list;
}

}  // namespace

TEST_CASE("a Dockerfile that is as it should be breaks no rule") {
    CHECK(found("ARG V=1\nFROM lang AS base\nARG V\nENV A=$V B=${LANG_HOME}\nWORKDIR /x\nWORKDIR y\nCMD [\"a\"]\nFROM base\nLABEL a=$A\nCMD [\"b\"]\n").empty());
}

TEST_CASE("names and keywords are compared in their casing") {
    CHECK(found("FROM a as Big\nrun x\nRUN y\n") == "FromAsCasing:1 StageNameCasing:1 ConsistentInstructionCasing:2");
    CHECK(found("from a as b\nrun x\n").empty());
    CHECK(found("FROM a AS context\nFROM a AS b\nFROM a AS b\n") == "ReservedStageName:1 DuplicateStageName:3");
}

TEST_CASE("of several commands all but the last are found, and shell forms unless a shell was chosen") {
    CHECK(found("FROM a\nCMD [\"x\"]\nCMD y\n") == "MultipleInstructionsDisallowed:2 JSONArgsRecommended:3");
    CHECK(found("FROM a AS s\nSHELL [\"/bin/bash\", \"-c\"]\nFROM s\nCMD y\n").empty());
}

TEST_CASE("variables that nothing sets are found where they are used, with the name that was meant") {
    CHECK(found("FROM a\nENV A=$nope\nRUN echo $shell\nCOPY ${x} /\nCMD [\"$c\"]\n") == "UndefinedVar:2 UndefinedVar:4");
    CHECK(found("FROM a$tg\n") == "UndefinedArgInFrom:1");
    CHECK(found("ARG t\nFROM a:$t\n") == "InvalidDefaultArgInFrom:2");
    LintFacts none;
    CHECK(lint(parseDockerfile("FROM a\nARG known\nENV A=$knwn\n"), {}, none).front().text == "Usage of undefined variable '$knwn' (did you mean $known?)");
}

TEST_CASE("names of secrets are told from those of files and public keys") {
    CHECK(found("FROM a\nARG API_KEY\nARG PUBLIC_KEY KEY_FILE MONKEY\nENV DB_PASSWORD=x\n") == "SecretsUsedInArgOrEnv:2 SecretsUsedInArgOrEnv:4");
}

TEST_CASE("the rest of the rules") {
    CHECK(found("FROM --platform=linux/amd64 a\nFROM --platform=$TARGETPLATFORM a\n") == "FromPlatformFlagConstDisallowed:1 RedundantTargetPlatform:2");
    CHECK(found("FROM a\nENV k v\nLABEL k v\nMAINTAINER m\nWORKDIR r\nEXPOSE 1/UDP 2:3\nCOPY hidden shown /x/\n") ==
          "LegacyKeyValueFormat:2 LegacyKeyValueFormat:3 MaintainerDeprecated:4 WorkdirRelativePath:5 ExposeProtoCasing:6 ExposeInvalidFormat:6 CopyIgnoredFile:7");
    CHECK(found("FROM a\nRUN x \\\n\n y\n") == "NoEmptyContinuation:4");
}

TEST_CASE("the check directive skips rules and refuses what it does not know") {
    CHECK(found("FROM a\nMAINTAINER m\nENV a b\n", "skip=MaintainerDeprecated") == "LegacyKeyValueFormat:3");
    CHECK(found("FROM a\nMAINTAINER m\n", "skip=all").empty());
    CHECK(CheckOptions::parse("skip=A,B;error=true").error);
    CHECK_THROWS_AS(CheckOptions::parse("fix=true"), Error);
}

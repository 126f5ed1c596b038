#include <doctest/doctest.h>

#include "engine/build/dockerfile.h"
#include "engine/build/planner.h"
#include "engine/error.h"

using namespace devc::engine;
using namespace devc::engine::build;

namespace {

/// Plans against a store that has one image, `base`, with a trigger and a variable.
BuildPlan planOf(const char* text, BuildRequest request = {}) {
    BaseImages images;
    images.resolve = [](const std::string& reference, const std::string&) {
        if (reference != "base") throw NotFound("no such image: " + reference);
        Image image;
        image.id = "sha256:1";
        image.diffIds = {"sha256:2"};
        image.chainIds = {"2"};
        return image;
    };
    images.config = [](const Image&) {
        return nlohmann::json{{"config", {{"Env", {"PATH=/bin", "FROM_BASE=yes"}}, {"WorkingDir", "/srv"}}}};
    };
    return plan(parseDockerfile(text), request, images, "2024-01-01T00:00:00Z");
}

std::string errorOf(const char* text, BuildRequest request = {}) {
    try {
        planOf(text, std::move(request));
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

/// Kinds of the operations from the base upwards: "image run copy".
std::string chainOf(const OperationPtr& top) {
    static const char* names[] = {"scratch", "image", "run", "copy", "folder"};
    const std::string below = top->parent ? chainOf(top->parent) + " " : "";
    return below + names[static_cast<int>(top->kind)];
}

}  // namespace

TEST_CASE("metadata makes no operation, files do") {
    const auto plan = planOf("FROM base\nENV A=1\nRUN make\nLABEL x=y\nCOPY a /b\nWORKDIR /w\nCMD [\"x\"]\n");
    CHECK(chainOf(plan.result) == "image run copy folder");
    CHECK(plan.config.document()["config"]["Cmd"] == nlohmann::json{"x"});
    CHECK(plan.config.document()["config"]["WorkingDir"] == "/w");
}

TEST_CASE("a stage that the target does not need is not planned") {
    const auto plan = planOf("FROM nowhere AS unused\nRUN fail\nFROM base AS last\nRUN make\n");
    CHECK(chainOf(plan.result) == "image run");
    CHECK(plan.stage == "last");
}

TEST_CASE("files of another stage come from its last operation") {
    const auto plan = planOf("FROM base AS build\nRUN make\nFROM base\nCOPY --from=build /out /\n");
    REQUIRE(plan.result->copy.from.operation);
    CHECK(chainOf(plan.result->copy.from.operation) == "image run");
    CHECK(plan.result->copy.from.label() == "stage build");
}

TEST_CASE("arguments before FROM are seen in a stage only where ARG asks for them") {
    const char* text = "ARG V=1\nARG W=${V}2\nFROM base\nRUN a\nARG W\nENV X=$W Y=[$V]\n";
    CHECK(planOf(text).config.environment().back().second == "[]");
    CHECK(planOf(text).config.environment()[2].second == "12");
    BuildRequest request;
    request.arguments = {{"W", "given"}, {"UNUSED", "x"}};
    const auto plan = planOf(text, request);
    CHECK(plan.config.environment()[2].second == "given");
    CHECK(plan.usedArguments == std::set<std::string>{"W"});
}

TEST_CASE("a step's key knows the arguments in force, not those that come later") {
    const auto definition = [](const char* value) {
        BuildRequest request;
        request.arguments = {{"A", value}};
        const auto plan = planOf("FROM base\nRUN before\nARG A\nRUN after\n", request);
        return std::pair{plan.result->parent->definition(), plan.result->definition()};
    };
    CHECK(definition("1").first == definition("2").first);
    CHECK(definition("1").second != definition("2").second);
}

TEST_CASE("proxies and secrets are not part of a step's key") {
    BuildRequest request;
    request.arguments = {{"HTTP_PROXY", "http://proxy"}};
    const auto plan = planOf("FROM base\nRUN --mount=type=secret,id=s make\n", request);
    CHECK(plan.result->run.proxies.at("http_proxy") == "http://proxy");
    CHECK(plan.result->definition() == planOf("FROM base\nRUN --mount=type=secret,id=s make\n").result->definition());
}

TEST_CASE("--no-cache-filter takes the cache from one stage only") {
    BuildRequest request;
    request.noCacheStages = {"Build"};
    const auto plan = planOf("FROM base AS build\nRUN make\nFROM base\nCOPY --from=build /out /\n", request);
    CHECK(plan.result->copy.from.operation->noCache);
    CHECK_FALSE(plan.result->noCache);
}

TEST_CASE("paths of COPY are taken from the working directory and keep their slash") {
    CHECK(planOf("FROM base\nCOPY a b\n").result->copy.destination == "/srv/b");
    CHECK(planOf("FROM base\nCOPY a b c/\n").result->copy.destination == "/srv/c/");
    CHECK(planOf("FROM base\nCOPY a .\n").result->copy.destination == "/srv/");
    CHECK(planOf("FROM base\nCOPY a /../x\n").result->copy.destination == "/x");
}

TEST_CASE("the shell form is run by the stage's shell") {
    CHECK(planOf("FROM base\nSHELL [\"/bin/ash\", \"-ec\"]\nRUN a b\n").result->run.arguments == std::vector<std::string>{"/bin/ash", "-ec", "a b"});
    CHECK(planOf("FROM base\nRUN [\"a\", \"b\"]\n").result->run.arguments == std::vector<std::string>{"a", "b"});
}

TEST_CASE("mistakes in a plan name the line and what was meant") {
    BuildRequest request;
    request.target = "bild";
    CHECK(errorOf("FROM base AS build\n", request) == "target stage \"bild\" could not be found (did you mean build?)");
    CHECK(errorOf("FROM base\nCOPY --from=9 a b\n").find("line 2: invalid stage index 9") != std::string::npos);
    CHECK(errorOf("FROM base AS a\nCOPY --from=a x y\n").find("circular dependency") != std::string::npos);
    CHECK(errorOf("FROM base\nCOPY --chmod=9z a b\n").find("line 2: invalid chmod parameter") != std::string::npos);
    CHECK(errorOf("FROM base\nRUN --network=moon x\n").find("invalid network mode") != std::string::npos);
}

TEST_CASE("a stage is found by its name only where it comes before, and a target never by its number") {
    CHECK(errorOf("FROM base AS a\nCOPY --from=b x y\nFROM base AS b\nFROM a\n").find("needs to be defined before current stage \"a\"") != std::string::npos);
    CHECK(errorOf("FROM base AS a\nRUN --mount=from=b,target=/x make\nFROM base AS b\nFROM a\n").find("cannot mount from stage") != std::string::npos);
    CHECK(chainOf(planOf("FROM base\nRUN make\nFROM base\nCOPY --from=0 x y\n").result) == "image copy");
    BuildRequest numbered;
    numbered.target = "0";
    CHECK(errorOf("FROM base\nFROM base\n", numbered).find("could not be found") != std::string::npos);
    CHECK(errorOf("FROM --platform=a/b/c/d base\n").find("failed to parse platform") != std::string::npos);
}

TEST_CASE("names of ARG and values of --exclude are taken as they are written") {
    const auto plan = planOf("FROM base\nARG N=X\nARG $N=v\nENV GOT=$X\nCOPY --exclude=$N a b\n");
    CHECK(plan.config.document()["config"]["Env"].back() == "GOT=");
    CHECK(plan.result->copy.excludes == std::vector<std::string>{"$N"});
}

TEST_CASE("a copy that stands alone knows no names of users") {
    CHECK(errorOf("FROM base\nCOPY --link --chown=joe a b\n").find("--link") != std::string::npos);
    CHECK(errorOf("FROM base\nCOPY --link --chown=1:2 a b\n") == "no error");
}

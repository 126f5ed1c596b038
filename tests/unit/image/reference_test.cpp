#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/image/image_config.h"
#include "engine/image/images.h"

using namespace devc::engine;

TEST_CASE("a short name means docker's own registry and the tag latest") {
    CHECK(Reference::parse("busybox").normalized() == "docker.io/library/busybox:latest");
    CHECK(Reference::parse("team/app:1.2").normalized() == "docker.io/team/app:1.2");
    CHECK(Reference::parse("localhost/app").normalized() == "localhost/app:latest");
    CHECK(Reference::parse("host:5000/a/b:t").normalized() == "host:5000/a/b:t");
    CHECK(Reference::parse("docker.io/library/busybox:1").familiar() == "busybox:1");
}

TEST_CASE("a familiar name keeps docker.io where it would be read as another registry without it") {
    CHECK(Reference::parse("docker.io/a.b/c").familiar() == "docker.io/a.b/c:latest");
    CHECK(Reference::parse("docker.io/a/c").familiar() == "a/c:latest");
}

TEST_CASE("a digest takes the place of the tag latest") {
    std::string digest = "sha256:" + std::string(64, 'a');
    Reference reference = Reference::parse("app@" + digest);
    CHECK(reference.tag.empty());
    CHECK(reference.digest == digest);
}

TEST_CASE("names that docker refuses are refused") {
    for (const char* name : {"", "UPPER", "a//b", "a:", "a b", "-a", "a@sha256:1", "a:tag with blank", "../x", "http://x/y"}) {
        CAPTURE(name);
        CHECK_THROWS_AS(Reference::parse(name), Error);
    }
    CHECK_THROWS_AS(Reference::parse(std::string(300, 'a')), Error);
    CHECK_THROWS_AS(Reference::parse(std::string(64, 'a')), Error);
}

TEST_CASE("the chain id of the lowest layer is its diff id, of others the digest of both") {
    std::string diff = "sha256:" + std::string(64, '1');
    CHECK(Images::chainId("", diff) == std::string(64, '1'));
    CHECK(Images::chainId(std::string(64, '1'), diff) == Images::chainId(diff, diff));
    CHECK(Images::chainId(diff, diff).size() == 64);
}

TEST_CASE("import changes are Dockerfile instructions") {
    nlohmann::json config = emptyOciConfig("2026-01-01T00:00:00Z");
    applyChanges(config, {R"(CMD ["/bin/sh","-c","echo x"])", "ENV A=b C=\"d e\"", "entrypoint run it", "EXPOSE 80 53/udp", "LABEL k=v", "VOLUME /data", "WORKDIR /w", "USER 1:2"});
    const nlohmann::json& made = config["config"];
    CHECK(made["Cmd"] == nlohmann::json({"/bin/sh", "-c", "echo x"}));
    CHECK(made["Env"] == nlohmann::json({"A=b", "C=d e"}));
    CHECK(made["Entrypoint"] == nlohmann::json({"/bin/sh", "-c", "run it"}));
    CHECK(made["ExposedPorts"].contains("53/udp"));
    CHECK(made["Volumes"].contains("/data"));
    CHECK_THROWS_AS(applyChanges(config, {"RUN x"}), Error);
}

TEST_CASE("a configuration whose members have other types is refused") {
    CHECK_THROWS_AS(imageConfigFrom(nlohmann::json{{"config", {{"Env", 5}}}}), Error);
}

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/error.h"
#include "engine/transfer/authorization.h"
#include "engine/transfer/challenge.h"
#include "engine/transfer/registry.h"
#include "engine/transfer/registry_settings.h"
#include "engine/transfer/url.h"

using namespace devc::engine;
using namespace devc::engine::transfer;
namespace fs = std::filesystem;

namespace {

/// DEVC_CONFIG_DIR with a config.json, for the time of a test.
struct Configuration {
    explicit Configuration(const std::string& text) {
        std::string name = (fs::temp_directory_path() / "devc-settings-XXXXXX").string();
        folder = mkdtemp(name.data());
        std::ofstream(folder / "config.json") << text;
        ::setenv("DEVC_CONFIG_DIR", folder.c_str(), 1);
    }
    ~Configuration() {
        ::unsetenv("DEVC_CONFIG_DIR");
        fs::remove_all(folder);
    }
    fs::path folder;
};

}  // namespace

TEST_CASE("challenges are read as RFC 9110 writes them") {
    auto one = parseChallenges(R"(Bearer realm="https://auth.example/token",service="reg, istry",scope="repository:a/b:pull,push")");
    REQUIRE(one.size() == 1);
    CHECK(one[0].scheme == "bearer");
    CHECK(one[0].parameter("realm") == "https://auth.example/token");
    CHECK(one[0].parameter("service") == "reg, istry");
    CHECK(one[0].parameter("scope") == "repository:a/b:pull,push");
    CHECK(one[0].parameter("error").empty());

    auto two = parseChallenges(R"(Negotiate, basic Realm="say \"hi\"" , BEARER realm = unquoted, error="invalid_token")");
    REQUIRE(two.size() == 3);
    CHECK(two[0].scheme == "negotiate");
    CHECK(two[1].parameter("realm") == "say \"hi\"");
    CHECK(two[2].parameter("realm") == "unquoted");
    CHECK(two[2].parameter("error") == "invalid_token");
}

TEST_CASE("what is no challenge ends, and is none") {
    CHECK(parseChallenges("").empty());
    CHECK(parseChallenges(",,, \t").empty());
    CHECK(parseChallenges("\x01\x02\"\"=").empty());
    CHECK(parseChallenges("Bearer realm=\"never closed").size() == 1);
    CHECK(parseChallenges("realm=\"x\"").empty());
}

TEST_CASE("hosts have one owner when their registrable domain is one") {
    CHECK(haveSameOwner("registry-1.docker.io", "auth.docker.io"));
    CHECK(haveSameOwner("localhost", "localhost"));
    CHECK_FALSE(haveSameOwner("registry.example.co.uk", "evil.co.uk"));
    CHECK_FALSE(haveSameOwner("example.com", "example.org"));
    CHECK_FALSE(haveSameOwner("127.0.0.1", "127.0.0.2"));
    CHECK_FALSE(haveSameOwner("10.0.0.1", "11.0.0.1"));
    CHECK_FALSE(haveSameOwner("mine.github.io", "yours.github.io"));
}

TEST_CASE("settings: insecure registries by name, host, network and on this machine") {
    const Configuration file(R"({"insecure-registries": ["reg.example:5000", "bare.example", "10.1.0.0/16", "fd00::/8"]})");
    const RegistrySettings settings = RegistrySettings::load();
    CHECK(settings.isInsecure("reg.example:5000"));
    CHECK_FALSE(settings.isInsecure("reg.example"));
    CHECK(settings.isInsecure("bare.example:443"));
    CHECK(settings.isInsecure("10.1.255.1:5000"));
    CHECK_FALSE(settings.isInsecure("10.2.0.1:5000"));
    CHECK(settings.isInsecure("[fd00::1]:5000"));
    CHECK(settings.isInsecure("127.9.9.9:1"));
    CHECK(settings.isInsecure("[::1]:5000"));
    CHECK(settings.isInsecure("localhost:5000"));
    CHECK_FALSE(settings.isInsecure("localhost.example"));
    CHECK_FALSE(settings.isInsecure("docker.io"));
}

TEST_CASE("settings: mirrors come before docker.io, and only there") {
    const Configuration file(R"({"registry-mirrors": ["https://one.example/", "http://two.example:5000/path"], "max-concurrent-downloads": 7})");
    const RegistrySettings settings = RegistrySettings::load();
    CHECK(settings.downloads == 7);
    const auto endpoints = endpointsFor("docker.io", settings);
    REQUIRE(endpoints.size() == 3);
    CHECK(endpoints[0].base == "https://one.example");
    CHECK(endpoints[1].domain == "two.example:5000");
    CHECK(endpoints[2].domain == "docker.io");
    CHECK(endpointsFor("quay.io", settings).size() == 1);
}

TEST_CASE("settings: what is wrong in the file is named") {
    const auto message = [](const char* text) {
        const Configuration file(text);
        try {
            RegistrySettings::load();
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string("no error");
    };
    CHECK(message("[]").find("config.json is not a JSON object") != std::string::npos);
    CHECK(message("{").find("config.json") != std::string::npos);
    CHECK(message(R"({"insecure-registries": "x"})").find("insecure-registries is not a list") != std::string::npos);
    CHECK(message(R"({"registry-mirrors": ["one.example"]})").find("one.example") != std::string::npos);
    CHECK(message(R"({"registry-mirrors": ["https://user:secret@one.example"]})").find("not of the form") != std::string::npos);
    CHECK(message(R"({"max-concurrent-uploads": 0})").find("max-concurrent-uploads") != std::string::npos);
}

TEST_CASE("addresses are taken apart and put together") {
    CHECK(originOf("https://a.example:5000/v2/?x#y") == "https://a.example:5000");
    CHECK(hostOf("http://[::1]:5000/") == "[::1]");
    CHECK(authorityOf("http://a:1/b") == "a:1");
    CHECK(resolveUrl("http://a/v2/x/y?z", "/p") == "http://a/p");
    CHECK(resolveUrl("http://a/v2/x", "https://b/q") == "https://b/q");
    CHECK(resolveUrl("http://a/v2/x", "//b/q") == "http://b/q");
    CHECK_THROWS_AS(resolveUrl("http://a/", "file:///etc/passwd"), Error);
    CHECK_THROWS_AS(originOf("http://user:secret@a/"), Error);
}

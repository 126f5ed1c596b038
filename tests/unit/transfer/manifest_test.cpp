#include <doctest/doctest.h>

#include "engine/error.h"
#include "engine/json.h"
#include "engine/transfer/http.h"
#include "engine/transfer/manifest.h"
#include "engine/transfer/root_folder.h"
#include "engine/transfer/store.h"

#include <nlohmann/json.hpp>

using namespace devc::engine;
using namespace devc::engine::transfer;

namespace {
const std::string digest = "sha256:" + std::string(64, 'a');
const std::string ociManifest = "application/vnd.oci.image.manifest.v1+json";
const std::string ociIndex = "application/vnd.oci.image.index.v1+json";

std::string indexOf(std::initializer_list<const char*> architectures) {
    nlohmann::json index = {{"schemaVersion", 2}, {"manifests", nlohmann::json::array()}};
    for (const char* architecture : architectures)
        index["manifests"].push_back({{"mediaType", ociManifest}, {"digest", digest}, {"size", 10}, {"platform", {{"os", "linux"}, {"architecture", architecture}}}});
    return index.dump();
}
}  // namespace

TEST_CASE("a digest that would be a path is refused") {
    CHECK(digestHex(digest) == std::string(64, 'a'));
    for (const char* bad : {"", "sha256:", "md5:0", "sha256:../../x", "sha256:AAAA"}) CHECK_THROWS_AS(digestHex(bad), Error);
}

TEST_CASE("a manifest that contradicts its media type is refused") {
    CHECK(kindOf(R"({"schemaVersion":2,"layers":[],"config":{}})", ociManifest) == DocumentKind::Manifest);
    CHECK(kindOf(indexOf({"amd64"}), ociIndex) == DocumentKind::Index);
    CHECK_THROWS_AS(kindOf(R"({"layers":[],"manifests":[]})", ociManifest), Error);
    CHECK_THROWS_AS(kindOf(R"({"mediaType":"application/vnd.oci.image.index.v1+json","layers":[]})", ociIndex), Error);
    CHECK_THROWS_AS(kindOf(indexOf({}), ociManifest), Error);
    CHECK_THROWS_AS(kindOf(R"({"schemaVersion":1,"fsLayers":[]})", ""), Error);
    CHECK_THROWS_AS(kindOf("<html>", "text/html"), Error);
}

TEST_CASE("an index gives the manifest of the platform") {
    CHECK(chooseManifest(indexOf({"arm64", "amd64"}), {"linux", "amd64", ""}).digest == digest);
    CHECK_THROWS_AS(chooseManifest(indexOf({"arm64"}), {"linux", "amd64", ""}), NotFound);
}

TEST_CASE("deep JSON is refused without a deep stack") {
    CHECK_THROWS_AS(parseJson(std::string(100000, '[') + std::string(100000, ']'), "x"), Error);
}

TEST_CASE("names of an archive stay in it") {
    CHECK(cleanPath("./a//b/./c/") == "a/b/c");
    CHECK(cleanPath("/etc/passwd") == "etc/passwd");
    CHECK(cleanPath("./").empty());
    CHECK_THROWS_AS(cleanPath("a/../../b"), Error);
    CHECK_THROWS_AS(cleanPath(std::string(5000, 'n')), Error);
}

TEST_CASE("redirects lead to web servers only") {
    CHECK(resolveUrl("http://h:1/v2/x", "/y?z") == "http://h:1/y?z");
    CHECK(resolveUrl("http://h:1/v2/x", "https://o/y") == "https://o/y");
    CHECK_THROWS_AS(resolveUrl("http://h/x", "file:///etc/passwd"), Error);
    CHECK_THROWS_AS(originOf("http://user@h/x"), Error);
    CHECK(hostOf("http://[::1]:5000/x") == "[::1]");
}

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "compose/diagnostics.h"
#include "compose/load.h"
#include "compose/publication.h"
#include "compose/remote.h"
#include "tests/unit/temporary_folder.h"

using namespace devc::compose;
namespace fs = std::filesystem;

namespace {

struct Folder : TemporaryFolder {
    std::string file(const std::string& name, const std::string& text) const {
        fs::create_directories((path / name).parent_path());
        std::ofstream(path / name) << text;
        return (path / name).string();
    }
};

constexpr const char* project = R"(# kept
services:
  a:
    image: x:${TAG:-1}
    env_file: [./a.env, {path: 'sub/b.env', required: false}, {path: none.env, required: false}]
    extends: {file: "sub/base.yaml", service: base}
)";

}  // namespace

TEST_CASE("a project is published as it is written, with what it extends and its env_files beside it") {
    Folder folder;
    folder.file("a.env", "A=1\n");
    folder.file("sub/b.env", "B=2\n");
    folder.file("sub/base.yaml", "services: {base: {env_file: b.env, command: [sh]}}\n");
    std::vector<PublishedFile> files = filesToPublish({folder.file("compose.yaml", project)}, folder.path);
    REQUIRE(files.size() == 4);
    CHECK(files[0].text.starts_with("# kept\n"));
    CHECK(files[0].text.find("x:${TAG:-1}") != std::string::npos);
    CHECK(files[0].text.find("none.env") != std::string::npos);
    CHECK(files[0].text.find("sub/") == std::string::npos);

    Folder other;
    for (const auto& [name, text] : unpackPublished({"sha256:0", std::string(publishedType), files})) other.file(name, text);
    LoadRequest request;
    request.currentDir = other.path;
    Project loaded = load(request);
    CHECK(loaded.services.at("a").environment.at("A") == "1");
    CHECK(loaded.services.at("a").environment.at("B") == "2");
    CHECK(loaded.services.at("a").image == "x:1");
}

TEST_CASE("files that are laid over each other stay so in one file") {
    Folder folder, other;
    std::vector<PublishedFile> files = filesToPublish({folder.file("compose.yaml", "services: {a: {image: x, command: [a]}}"),
                                                       folder.file("b.yaml", "services: {a: {image: y}}\n")}, folder.path);
    files.push_back(publishedFile("image-digests.yaml", "services: {a: {image: z}}\n"));
    auto unpacked = unpackPublished({"sha256:0", std::string(publishedConfigType), files});
    other.file("compose.yaml", unpacked.at("compose.yaml"));
    LoadRequest request;
    request.currentDir = other.path;
    CHECK(load(request).services.at("a").image == "z");
    CHECK(load(request).services.at("a").command == StringList{"a"});
}

TEST_CASE("what cannot be published is refused at its place") {
    Folder folder;
    std::string including = folder.file("compose.yaml", "include: [other.yaml]\n");
    CHECK_THROWS_WITH_AS(filesToPublish({including}, folder.path), doctest::Contains("compose.yaml:1:11"), LoadError);
    CHECK_NOTHROW(filesToPublish({folder.file("r.yaml", "include: ['oci://host/a', {path: 'https://host/x.git'}]\n")}, folder.path));
    CHECK_THROWS_AS(filesToPublish({"-"}, folder.path), LoadError);
    CHECK_THROWS_AS(filesToPublish({folder.file("m.yaml", "services: {a: {env_file: gone.env}}\n")}, folder.path), LoadError);
    std::string folded = folder.file("f.yaml", "services:\n  a:\n    env_file: \"\\x61.env\"\n");
    CHECK_THROWS_WITH_AS(filesToPublish({folded}, folder.path), doctest::Contains("f.yaml:3:15"), LoadError);
}

TEST_CASE("what was published never leads out of its folder") {
    PublishedFile main = publishedFile("compose.yaml", "services: {}\n");
    for (const char* name : {"../x", "/etc/passwd", "a/b", "..", "", "compose.yaml"}) {
        PublishedFile file{"application/vnd.docker.compose.envfile", {{"com.docker.compose.envfile", name}}, "A=1"};
        CHECK_THROWS(unpackPublished({"sha256:0", std::string(publishedType), {main, file}}));
    }
    CHECK_THROWS(unpackPublished({"sha256:0", std::string(publishedType), {}}));
    CHECK_THROWS(unpackPublished({"sha256:0", "application/vnd.oci.image.config.v1+json", {main}}));
}

TEST_CASE("a registry is asked once, and only where the user allows it") {
    Folder folder;
    int asked = 0;
    auto published = [&](const std::string& reference) {
        ++asked;
        CHECK(reference == "host/team/app:1");
        return PublishedProject{"sha256:12ab", std::string(publishedType), {publishedFile("compose.yaml", "services: {b: {image: y}}")}};
    };
    folder.file("compose.yaml", "include: ['oci://host/team/app:1']\n");
    LoadRequest request;
    request.currentDir = folder.path;
    request.remote = std::make_shared<RemoteFiles>(folder.path / "cache", request.environment, published);
    CHECK_THROWS_WITH_AS(load(request), doctest::Contains("COMPOSE_EXPERIMENTAL_OCI_REMOTE=true"), LoadError);
    CHECK(asked == 0);
    request.files = {"oci://host/team/app:1"};  // said by the user
    CHECK(load(request).services.contains("b"));
    request.files.clear();
    request.remote = std::make_shared<RemoteFiles>(folder.path / "cache", StringMap{{"COMPOSE_EXPERIMENTAL_OCI_REMOTE", "true"}}, published);
    CHECK(load(request).services.contains("b"));
    CHECK(load(request).services.contains("b"));
    CHECK(asked == 2);
    request.files = {"oci://host/team/app:1"};
    request.remote = std::make_shared<RemoteFiles>(folder.path / "cache", StringMap{{"COMPOSE_EXPERIMENTAL_OCI_REMOTE", "false"}}, published);
    CHECK_THROWS_WITH_AS(load(request), doctest::Contains("disabled"), LoadError);
}

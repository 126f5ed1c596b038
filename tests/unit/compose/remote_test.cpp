#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "compose/load.h"
#include "compose/remote.h"

using namespace devc::compose;
namespace fs = std::filesystem;

namespace {

/// A repository with one commit, and a project that includes its file.
struct Repository {
    Repository() {
        std::string name = (fs::temp_directory_path() / "devc-remote-XXXXXX").string();
        top = mkdtemp(name.data());
        fs::create_directories(top / "repo/sub");
        fs::create_directories(top / "project");
        std::ofstream(top / "repo/sub/compose.yaml") << "services: {b: {image: y, build: ./ctx}}\n";
        fs::create_symlink("/etc", top / "repo/out");
        std::string git = "cd " + (top / "repo").string() + " && git init -q -b main && git add . && "
                          "git -c user.name=a -c user.email=a@b commit -q -m x";
        REQUIRE(std::system(git.c_str()) == 0);
    }
    ~Repository() { fs::remove_all(top); }

    LoadRequest request(const std::string& fragment, bool enabled = true) const {
        std::ofstream(top / "project/compose.yaml") << "include: ['file://" << (top / "repo").string() << fragment << "']\nservices: {a: {image: x}}\n";
        LoadRequest request;
        request.currentDir = top / "project";
        request.environment["PATH"] = std::getenv("PATH");
        if (enabled) request.environment["COMPOSE_EXPERIMENTAL_GIT_REMOTE"] = "true";
        request.remote = std::make_shared<RemoteFiles>(top / "cache", request.environment, nullptr);
        return request;
    }
    std::string problem(const std::string& fragment, bool enabled = true) const {
        try {
            load(request(fragment, enabled));
        } catch (const LoadError& error) {
            return error.what();
        }
        return {};
    }
    fs::path top;
};

}  // namespace

TEST_CASE("a git reference has a repository, a reference and a path") {
    auto all = parseGitReference("https://host/x.git#v1:sub/compose.yaml");
    REQUIRE(all);
    CHECK(all->repository == "https://host/x.git");
    CHECK(all->reference == "v1");
    CHECK(all->path == "sub/compose.yaml");
    CHECK(parseGitReference("git@host:x.git")->reference == "HEAD");
    CHECK(parseGitReference("git@host:x.git#:sub")->path == "sub");
    CHECK_FALSE(parseGitReference("oci://host/x").has_value());
    CHECK_FALSE(parseGitReference("./x").has_value());
    CHECK_THROWS(parseGitReference("https://host/x.git#--upload-pack=x"));
}

TEST_CASE("a file from a git repository is included at its commit, and stays") {
    Repository repository;
    StringList told;
    LoadRequest request = repository.request("#main:sub");
    request.warn = [&](const std::string& text) { told.push_back(text); };
    Project project = load(request);
    REQUIRE(told.size() == 1);
    std::string commit = told[0].substr(told[0].size() - 40);
    CHECK(project.services.at("b").build->context == (repository.top / "cache" / commit / "sub/ctx").string());
    fs::remove_all(repository.top / "repo");
    CHECK(load(repository.request("#" + commit + ":sub/compose.yaml")).services.contains("b"));
}

TEST_CASE("git is asked only where the user allows it, and never leaves the repository") {
    Repository repository;
    CHECK(repository.problem("#main:sub", false).find("COMPOSE_EXPERIMENTAL_GIT_REMOTE") != std::string::npos);
    CHECK_FALSE(fs::exists(repository.top / "cache"));
    CHECK(repository.problem("#main:../../x").find("outside the repository") != std::string::npos);
    CHECK(repository.problem("#main:out/passwd").find("outside the repository") != std::string::npos);
    CHECK(repository.problem("#nope:sub").find("ls-remote failed") != std::string::npos);
    CHECK(repository.problem("#main:nope.yaml").find("has no compose file") != std::string::npos);
}

TEST_CASE("a .env file is not the user: what it names is asked only where he allows it") {
    Repository repository;
    const std::string remote = "file://" + (repository.top / "repo").string() + "#main:sub";
    LoadRequest plain = repository.request("", false), enabled = repository.request("");
    std::ofstream(repository.top / "project/.env") << "COMPOSE_PATH_SEPARATOR=;\nCOMPOSE_FILE=" << remote << "\nCOMPOSE_EXPERIMENTAL_GIT_REMOTE=true\n";
    CHECK_THROWS_AS(load(plain), LoadError);
    CHECK_FALSE(fs::exists(repository.top / "cache"));
    CHECK(load(enabled).services.contains("b"));
    plain = repository.request("", false);
    plain.environment["COMPOSE_FILE"] = remote;
    CHECK(load(plain).services.contains("b"));
}

#include <doctest/doctest.h>

#include "engine/build/git.h"
#include "engine/error.h"

using namespace devc::engine;
using namespace devc::engine::build;

TEST_CASE("a git repository is told from a file by its address") {
    for (const char* text : {"https://host/x.git", "http://host/x.git#v1", "git://host/x", "git@host:x/y", "ssh://git@host/x", "github.com/a/b", "https://host/x.git?tag=v1"})
        CHECK_MESSAGE(GitSource::parse(text).has_value(), text);
    for (const char* text : {"https://host/x.tar.gz", "http://host/", "dir", "./x.git", "docker-image://x"}) CHECK_MESSAGE(!GitSource::parse(text).has_value(), text);
}

TEST_CASE("fragment and query name reference and folder") {
    const auto fragment = GitSource::parse("https://host/x.git#dev:docs/api");
    CHECK(fragment->url == "https://host/x.git");
    CHECK(fragment->reference == "dev");
    CHECK(fragment->folder == "docs/api");
    const auto query = GitSource::parse("https://host/x.git?branch=dev&subdir=docs&commit=abc&keep-git-dir=true&submodules=false");
    CHECK(query->url == "https://host/x.git");
    CHECK(query->reference == "refs/heads/dev");
    CHECK(query->folder == "docs");
    CHECK(query->commit == "abc");
    CHECK(query->keepGit == true);
    CHECK(!query->submodules);
}

TEST_CASE("an address that says two things, or what git would take for an option, is refused") {
    CHECK_THROWS_AS(GitSource::parse("https://host/x.git?branch=a&tag=b"), Error);
    CHECK_THROWS_AS(GitSource::parse("https://host/x.git?colour=red"), Error);
    CHECK_THROWS_AS(GitSource::parse("https://host/x.git#--upload-pack=x"), Error);
}

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "engine/build/owner.h"
#include "engine/build/selection.h"
#include "engine/error.h"
#include "tests/unit/temporary_folder.h"

using namespace devc::engine;
using namespace devc::engine::build;
namespace fs = std::filesystem;

namespace {

/// A build context on disk, removed at the end.
struct Context : TemporaryFolder {
    void file(const std::string& name, const std::string& content = "x") const {
        fs::create_directories((path / name).parent_path());
        std::ofstream(path / name) << content;
    }
    FileTree tree(const std::vector<std::string>& ignored = {}) const {
        return {openFile(path.string(), O_PATH | O_DIRECTORY), PatternList(ignored), nullptr};
    }
};

std::string namesOf(const std::vector<Selected>& selection) {
    std::string text;
    for (const Selected& selected : selection) {
        text += (text.empty() ? "" : " ") + selected.node.path;
        for (const Selected::Entry& entry : selected.entries) text += " +" + entry.below;
    }
    return text;
}

std::string digestOf(const Context& context, const std::string& source) {
    const FileTree tree = context.tree();
    return contentDigest(tree, select(tree, source, {}, "here"));
}

}  // namespace

TEST_CASE("a wildcard takes what matches, a folder all that is in it") {
    Context context;
    for (const char* name : {"a.txt", "b.txt", "c.md", "dir/d.txt", "dir/sub/e"}) context.file(name);
    const FileTree tree = context.tree();
    CHECK(namesOf(select(tree, "*.txt", {}, "here")) == "a.txt b.txt");
    CHECK(namesOf(select(tree, "dir", {}, "here")) == "dir +d.txt +sub +sub/e");
    CHECK(namesOf(select(tree, "*.none", {}, "here")).empty());
    CHECK(namesOf(select(tree, "dir", {.parents = false, .excludes = {"sub"}}, "here")) == "dir +d.txt");
}

TEST_CASE("what is ignored is not there, and the message says so") {
    Context context;
    for (const char* name : {"config.json", "secret.key", "logs/keep", "logs/drop"}) context.file(name);
    const FileTree tree = context.tree({"*.key", "logs", "!logs/keep"});
    CHECK(namesOf(select(tree, ".", {}, "here")) == " +config.json +logs +logs/keep");
    try {
        select(tree, "secret.key", {}, "the build context");
        FAIL("selected what is ignored");
    } catch (const Error& error) {
        CHECK(std::string(error.what()) == "\"/secret.key\": not found in the build context");
        REQUIRE(error.details().size() == 1);
        CHECK(error.details()[0].find(".dockerignore excludes it") != std::string::npos);
    }
}

TEST_CASE("a file that is not there is answered with the nearest name") {
    Context context;
    context.file("config.json");
    const FileTree tree = context.tree();
    try {
        select(tree, "confg.json", {}, "the build context");
        FAIL("selected what is not there");
    } catch (const Error& error) {
        CHECK(error.hints() == std::vector<std::string>{"did you mean config.json?"});
    }
}

TEST_CASE("links never lead out of the tree") {
    Context context;
    context.file("etc/passwd", "inside");
    fs::create_symlink("/etc/passwd", context.path / "absolute");
    fs::create_symlink("../../../../../etc/passwd", context.path / "climbing");
    const FileTree tree = context.tree();
    CHECK(namesOf(select(tree, "absolute", {}, "here")) == "etc/passwd");
    CHECK(namesOf(select(tree, "climbing", {}, "here")) == "etc/passwd");
}

TEST_CASE("--parents keeps the path below the mark") {
    Context context;
    for (const char* name : {"x/a/one.c", "x/b/two.c", "x/b/two.h"}) context.file(name);
    const FileTree tree = context.tree();
    CHECK(namesOf(select(tree, "x/./*/*.c", {.parents = true, .excludes = {}}, "here")) == "x +a +a/one.c +b +b/two.c");
}

TEST_CASE("a copy's digest follows contents, names and modes, not times") {
    Context context;
    context.file("dir/a", "one");
    const std::string before = digestOf(context, "dir");
    const timespec old[2] = {{1, 0}, {1, 0}};
    utimensat(AT_FDCWD, (context.path / "dir/a").c_str(), old, 0);
    CHECK(digestOf(context, "dir") == before);
    chmod((context.path / "dir/a").c_str(), 0700);
    CHECK(digestOf(context, "dir") != before);
    chmod((context.path / "dir/a").c_str(), 0644);
    context.file("dir/a", "two");
    CHECK(digestOf(context, "dir") != before);
    context.file("dir/a", "one");
    fs::rename(context.path / "dir/a", context.path / "dir/b");
    CHECK(digestOf(context, "dir") != before);
}

TEST_CASE("what became a link after it was found is not read through it") {
    Context context, outside;
    context.file("sub/file", "mine");
    outside.file("file", "another's");
    const FileTree tree = context.tree();
    const auto file = tree.find("sub/file", true), folder = tree.find("sub", true);
    REQUIRE(file);
    char text[16] = {};
    CHECK(::read(tree.openFile(*file).get(), text, sizeof text) == 4);
    fs::rename(context.path / "sub", context.path / "was");
    fs::create_symlink(outside.path, context.path / "sub");
    CHECK_THROWS_AS(tree.openFile(*file), Error);
    CHECK_THROWS_AS(tree.contentDigest(*file), Error);
    CHECK_THROWS_AS(tree.children(*folder), Error);
}

TEST_CASE("what became a FIFO or a device after it was found is not opened") {
    Context context;
    context.file("file");
    const FileTree tree = context.tree();
    const auto file = tree.find("file", true);
    fs::remove(context.path / "file");
    REQUIRE(mkfifo((context.path / "file").c_str(), 0600) == 0);
    CHECK_THROWS_AS(tree.openFile(*file), Error);  // at once: nobody writes into it
}

TEST_CASE("a device in the place of an image's passwd is not opened") {
    Context context;
    fs::create_directories(context.path / "etc");
    // No driver has the number: opening it would be an error.
    if (mknod((context.path / "etc/passwd").c_str(), S_IFCHR | 0600, makedev(250, 250)) != 0) return;
    const Fd root = openFile(context.path.string(), O_PATH | O_DIRECTORY);
    CHECK_NOTHROW(lookUpOwner(root.get(), "somebody"));
}

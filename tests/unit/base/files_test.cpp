#include <doctest/doctest.h>

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/linux/copy_tree.h"
#include "engine/linux/own_folder.h"
#include "engine/linux/plain_file.h"
#include "engine/linux/remove_tree.h"
#include "tests/unit/temporary_folder.h"

using namespace devc::engine;
namespace fs = std::filesystem;

namespace {

struct Folder : TemporaryFolder {
    ~Folder() { tryRemoveTree(path); }
    Fd open() const { return openFile(path.string(), O_RDONLY | O_DIRECTORY); }
};

void write(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }

/// Folders in folders, with a file in each.
void makeDeep(int top, int levels) {
    Fd current(::openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (int i = 0; i < levels; ++i) {
        REQUIRE(::mkdirat(current.get(), "d", 0700) == 0);
        Fd(::openat(current.get(), "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        current = Fd(::openat(current.get(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    }
}

}  // namespace

TEST_CASE("a tree that is deeper than a process has descriptors is removed") {
    Folder folder;
    fs::create_directory(folder.path / "deep");
    makeDeep(openFile((folder.path / "deep").string(), O_RDONLY | O_DIRECTORY).get(), 3000);
    write(folder.path / "deep/.devc-deep-0", "a name that is taken");
    removeTree(folder.path / "deep");
    CHECK_FALSE(fs::exists(folder.path / "deep"));
}

TEST_CASE("a folder of one's own goes with its owner; what others have left beside it is removed, what is theirs is not") {
    Folder folder;
    {
        const OwnFolder other(folder.path);
        fs::create_directories(folder.path / "left/sub");
        const OwnFolder own(folder.path);
        CHECK(fs::exists(own.path()));
        CHECK_FALSE(fs::exists(folder.path / "left"));
        fs::create_directory(folder.path / "left");
        write(own.path() / "file", "x");
        removeOwnerless(folder.path);
        CHECK_FALSE(fs::exists(folder.path / "left"));
        CHECK(fs::exists(own.path() / "file"));
        CHECK(fs::exists(other.path()));
    }
    CHECK(fs::is_empty(folder.path));
}

TEST_CASE("a tree is removed without what its links lead to; what is not there is no error") {
    Folder folder, other;
    write(other.path / "kept", "x");
    fs::create_directories(folder.path / "tree/sub");
    fs::create_symlink(other.path, folder.path / "tree/link");
    fs::create_symlink(folder.path / "tree", folder.path / "itself");
    removeTree(folder.path / "itself");
    CHECK(fs::exists(folder.path / "tree/sub"));
    removeTree(folder.path / "tree");
    CHECK_FALSE(fs::exists(folder.path / "tree"));
    CHECK(fs::exists(other.path / "kept"));
    CHECK_NOTHROW(removeTree(folder.path / "tree"));
}

TEST_CASE("a file is not read for ever") {
    CHECK_THROWS_WITH_AS(readAtMost("/dev/zero", 100000), "/dev/zero has more than 100000 bytes", Error);
    Folder folder;
    write(folder.path / "file", "12345");
    CHECK(readAtMost((folder.path / "file").string(), 5) == "12345");
    CHECK_THROWS_AS(readAtMost((folder.path / "file").string(), 4), Error);
}

TEST_CASE("a copied file takes the place of what is there, which is never opened") {
    Folder from, to;
    write(from.path / "file", "content");
    REQUIRE(::mkfifo((to.path / "file").c_str(), 0600) == 0);
    const Fd fifo = openFile((to.path / "file").string(), O_RDWR | O_NONBLOCK);
    copyTree(from.open().get(), to.open().get());
    char byte;
    CHECK(::read(fifo.get(), &byte, 1) < 0);  // nothing came through it
    CHECK(readFile((to.path / "file").string()) == "content");
}

TEST_CASE("the second name of a copied file is a hard link") {
    Folder from, to;
    fs::create_directories(from.path / "a/b");
    write(from.path / "a/b/first", "content");
    fs::create_hard_link(from.path / "a/b/first", from.path / "z");
    copyTree(from.open().get(), to.open().get());
    CHECK(fs::equivalent(to.path / "a/b/first", to.path / "z"));
}

TEST_CASE("a resolved path is opened without links, and only files are read") {
    Folder folder;
    fs::create_directories(folder.path / "sub");
    write(folder.path / "sub/file", "x");
    fs::create_symlink("sub", folder.path / "link");
    const Fd root = folder.open();
    CHECK(tryOpenWithoutLinks(root.get(), "sub/file", O_RDONLY));
    CHECK(tryOpenWithoutLinks(root.get(), "", O_RDONLY | O_DIRECTORY));
    CHECK_FALSE(tryOpenWithoutLinks(root.get(), "link/file", O_RDONLY));
    CHECK_FALSE(tryOpenWithoutLinks(root.get(), "../", O_PATH));
    CHECK(tryReopenFile(tryOpenWithoutLinks(root.get(), "sub/file", O_PATH).get()));
    REQUIRE(::mkfifo((folder.path / "fifo").c_str(), 0600) == 0);
    CHECK_FALSE(tryReopenFile(tryOpenWithoutLinks(root.get(), "fifo", O_PATH).get()));
}

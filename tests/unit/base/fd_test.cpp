#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "engine/error.h"
#include "engine/linux/fd.h"
#include "engine/linux/unnamed_file.h"
#include "tests/unit/temporary_folder.h"

using namespace devc::engine;
namespace fs = std::filesystem;

namespace {

struct Folder : TemporaryFolder {
    std::string file(const char* name) const { return (path / name).string(); }
    long count() const { return std::distance(fs::directory_iterator(path), {}); }
};

}  // namespace

TEST_CASE("what a killed writer left beside a file is the next one's to use") {
    Folder folder;
    std::ofstream(folder.file("names")) << "old";
    std::ofstream(folder.file("names.new")) << "longer than what is written now";
    replaceFile(folder.file("names"), "new");
    CHECK(readFile(folder.file("names")) == "new");
    CHECK(folder.count() == 1);
}

TEST_CASE("a link beside a file is not written through") {
    Folder folder;
    std::ofstream(folder.file("other")) << "other";
    fs::create_symlink("other", folder.file("names.new"));
    CHECK_THROWS_AS(replaceFile(folder.file("names"), "new"), SystemError);
    CHECK(readFile(folder.file("other")) == "other");
}

TEST_CASE("a file that cannot take its place leaves nothing beside it") {
    Folder folder;
    fs::create_directory(folder.file("taken"));
    CHECK_THROWS_AS(writeFileAtomically(folder.file("taken"), "new"), SystemError);
    CHECK_THROWS_AS(replaceFile(folder.file("taken"), "new"), SystemError);
    CHECK_THROWS_AS(writeUnnamedFirst(folder.file("taken"), "new", 0600), SystemError);
    CHECK(folder.count() == 1);
}

TEST_CASE("a file without a name at first is there complete, with its mode, also in the place of another") {
    Folder folder;
    for (const char* content : {"first", "second"}) {
        writeUnnamedFirst(folder.file("blob"), content, 0640);
        CHECK(readFile(folder.file("blob")) == content);
        CHECK((fs::status(folder.file("blob")).permissions() & fs::perms::all) == fs::perms(0640));
        CHECK(folder.count() == 1);
    }
}

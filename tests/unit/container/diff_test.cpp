#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <stdlib.h>

#include "engine/container/diff.h"
#include "engine/linux/fd.h"

using namespace devc::engine;
namespace fs = std::filesystem;

namespace {

struct Layers {
    fs::path folder, upper, lower;
    Layers() {
        std::string name = (fs::temp_directory_path() / "devc-diff-XXXXXX").string();
        folder = ::mkdtemp(name.data());
        upper = folder / "upper";
        lower = folder / "lower";
        fs::create_directories(upper);
        fs::create_directories(lower);
    }
    ~Layers() { fs::remove_all(folder); }
    static void file(const fs::path& path, const char* text) {
        fs::create_directories(path.parent_path());
        std::ofstream(path) << text;
    }
    std::string changes(const std::set<std::string>& mounts = {}) const {
        const Fd below = openFile(lower.string(), O_RDONLY | O_DIRECTORY);
        std::string text;
        for (const FileChange& change : layerChanges(upper, below.get(), mounts))
            text += (change.kind == ChangeKind::Added ? "A " : change.kind == ChangeKind::Deleted ? "D " : "C ") + change.path + "\n";
        return text;
    }
};

}  // namespace

TEST_CASE("new files are added, those that the image has are changed") {
    Layers layers;
    Layers::file(layers.lower / "etc/conf", "old");
    Layers::file(layers.upper / "etc/conf", "new");
    Layers::file(layers.upper / "tmp/file", "x");
    CHECK(layers.changes() == "C /etc\nC /etc/conf\nA /tmp\nA /tmp/file\n");
}

TEST_CASE("what was made to mount something on is no change") {
    Layers layers;
    fs::create_directories(layers.upper / "proc");
    Layers::file(layers.upper / "etc/hosts", "");
    CHECK(layers.changes({"/proc", "/etc/hosts"}) == "");
}

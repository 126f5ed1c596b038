#include <doctest/doctest.h>

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "engine/image/file_map.h"

using namespace devc::engine;
namespace fs = std::filesystem;

namespace {

/// Layers as folders; removed at the end.
struct Layers {
    Layers() {
        std::string name = (fs::temp_directory_path() / "devc-layers-XXXXXX").string();
        top = mkdtemp(name.data());
    }
    ~Layers() { fs::remove_all(top); }
    fs::path of(int layer) const { return top / std::to_string(layer); }
    void file(int layer, const std::string& path, std::size_t size) const {
        fs::create_directories((of(layer) / path).parent_path());
        std::ofstream(of(layer) / path) << std::string(size, 'x');
    }
    void whiteout(int layer, const std::string& path) const {
        fs::create_directories((of(layer) / path).parent_path());
        REQUIRE(::mknod((of(layer) / path).c_str(), S_IFCHR, makedev(0, 0)) == 0);
    }
    void opaque(int layer, const std::string& path) const {
        fs::create_directories(of(layer) / path);
        REQUIRE(::lsetxattr((of(layer) / path).c_str(), "trusted.overlay.opaque", "y", 1, 0) == 0);
    }
    fs::path top;
};

const ImageChange* find(const std::vector<ImageChange>& changes, const std::string& path) {
    for (const ImageChange& change : changes)
        if (change.path == path) return &change;
    return nullptr;
}

}  // namespace

TEST_CASE("a layer adds, changes and removes what those below have") {
    const Layers layers;
    layers.file(0, "d/kept", 10);
    layers.file(0, "d/changed", 20);
    layers.file(0, "gone/a", 30);
    layers.file(0, "gone/b", 40);
    layers.file(1, "d/changed", 5);
    layers.file(1, "d/fresh", 7);
    layers.whiteout(1, "gone");
    layers.whiteout(1, "never");
    FileMap files;
    CHECK(overlay(files, layers.of(0), 0).size() == 6);
    const auto changes = overlay(files, layers.of(1), 1);
    CHECK(changes.size() == 3);
    REQUIRE(find(changes, "d/changed"));
    CHECK(find(changes, "d/changed")->kind == ImageChange::Kind::Modified);
    CHECK(find(changes, "d/changed")->bytes == 5);
    CHECK(find(changes, "d/changed")->hidden == 20);
    REQUIRE(find(changes, "d/fresh"));
    CHECK(find(changes, "d/fresh")->kind == ImageChange::Kind::Added);
    REQUIRE(find(changes, "gone"));
    CHECK(find(changes, "gone")->kind == ImageChange::Kind::Deleted);
    CHECK(find(changes, "gone")->hidden == 70);
    CHECK(files.size() == 4);
    CHECK(files.contains("d/kept"));
}

TEST_CASE("an opaque folder hides what is below it, a file replaces a folder") {
    const Layers layers;
    layers.file(0, "o/old", 100);
    layers.file(0, "o/sub/old", 100);
    layers.file(0, "x/inside", 50);
    layers.opaque(1, "o");
    layers.file(1, "o/new", 1);
    layers.file(1, "x", 3);
    FileMap files;
    overlay(files, layers.of(0), 0);
    const auto changes = overlay(files, layers.of(1), 1);
    REQUIRE(find(changes, "o"));
    CHECK(find(changes, "o")->hidden == 200);
    REQUIRE(find(changes, "x"));
    CHECK(find(changes, "x")->hidden == 50);
    CHECK(files.size() == 3);
}

TEST_CASE("a file with several names has its bytes once") {
    const Layers layers;
    layers.file(0, "one", 1000);
    fs::create_hard_link(layers.of(0) / "one", layers.of(0) / "two");
    FileMap files;
    std::uint64_t bytes = 0;
    for (const ImageChange& change : overlay(files, layers.of(0), 0)) bytes += change.bytes;
    CHECK(bytes == 1000);
}

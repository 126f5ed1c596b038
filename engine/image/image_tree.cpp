#include "engine/image/image_tree.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/error.h"

namespace devc::engine {

using nlohmann::json;
namespace fs = std::filesystem;

namespace {

void sortByPath(std::vector<ImageChange>& changes) {
    std::sort(changes.begin(), changes.end(), [](const ImageChange& a, const ImageChange& b) { return a.path < b.path; });
}

/// The steps of the history that made a layer, lowest first.
std::vector<std::string> stepsOf(const json& config) {
    std::vector<std::string> steps;
    for (const json& step : config.value("history", json::array())) {
        if (!step.is_object() || step.value("empty_layer", false)) continue;
        const std::string by = step.value("created_by", "");
        steps.push_back(by.empty() ? step.value("comment", "") : by);
    }
    return steps;
}

/// Lowest first.
std::vector<fs::path> foldersOf(const Images& images, const Image& image) {
    std::vector<fs::path> folders = images.lowerFolders(image);
    std::reverse(folders.begin(), folders.end());
    return folders;
}

bool haveEqualContent(const fs::path& one, const fs::path& other) {
    const Fd a = openFile(one.string(), O_RDONLY | O_NOFOLLOW), b = openFile(other.string(), O_RDONLY | O_NOFOLLOW);
    std::string left(1 << 17, '\0'), right(1 << 17, '\0');
    for (off_t at = 0;;) {
        const ssize_t l = ::pread(a.get(), left.data(), left.size(), at), r = ::pread(b.get(), right.data(), right.size(), at);
        if (l < 0 || r < 0) throw SystemError("read " + one.string(), errno);
        if (l != r || !std::equal(left.begin(), left.begin() + l, right.begin())) return false;
        if (l == 0) return true;
        at += l;
    }
}

/// All files of an image, and where they are.
struct Flat {
    FileMap files;
    std::vector<fs::path> folders;

    Flat(const Images& images, const Image& image) : folders(foldersOf(images, image)) {
        for (std::size_t i = 0; i < folders.size(); ++i) overlay(files, folders[i], i);
    }
    fs::path placeOf(const std::string& path, const LayerFile& file) const { return folders[file.layer] / path; }
};

bool areEqual(const std::string& path, const Flat& one, const LayerFile& a, const Flat& other, const LayerFile& b) {
    const struct stat& l = a.status;
    const struct stat& r = b.status;
    if (l.st_dev == r.st_dev && l.st_ino == r.st_ino) return true;
    if (l.st_mode != r.st_mode || l.st_uid != r.st_uid || l.st_gid != r.st_gid || l.st_rdev != r.st_rdev) return false;
    if (S_ISLNK(l.st_mode)) return fs::read_symlink(one.placeOf(path, a)) == fs::read_symlink(other.placeOf(path, b));
    if (!S_ISREG(l.st_mode)) return true;
    return l.st_size == r.st_size && haveEqualContent(one.placeOf(path, a), other.placeOf(path, b));
}

}  // namespace

ImageTree treeOf(const Images& images, const Image& image) {
    ImageTree tree;
    FileMap files;
    const std::vector<fs::path> folders = foldersOf(images, image);
    const std::vector<std::string> steps = stepsOf(images.configJson(image));
    for (std::size_t i = 0; i < folders.size(); ++i) {
        TreeLayer layer;
        layer.diffId = image.diffIds.at(i);
        if (i < steps.size()) layer.createdBy = steps[i];
        layer.changes = overlay(files, folders[i], i);
        sortByPath(layer.changes);
        for (const ImageChange& change : layer.changes) {
            layer.bytes += change.bytes;
            layer.wasted += change.hidden;
        }
        tree.bytes += layer.bytes;
        tree.wasted += layer.wasted;
        tree.layers.push_back(std::move(layer));
    }
    return tree;
}

std::vector<ImageChange> differences(const Images& images, const Image& before, const Image& after) {
    const Flat old(images, before), fresh(images, after);
    std::vector<ImageChange> changes;
    for (const auto& [path, file] : old.files)
        if (!fresh.files.contains(path)) changes.push_back({ImageChange::Kind::Deleted, path, 0, file.bytes()});
    for (const auto& [path, file] : fresh.files) {
        const auto known = old.files.find(path);
        if (known == old.files.end()) changes.push_back({ImageChange::Kind::Added, path, file.bytes(), 0});
        else if (!areEqual(path, old, known->second, fresh, file)) changes.push_back({ImageChange::Kind::Modified, path, file.bytes(), known->second.bytes()});
    }
    sortByPath(changes);
    return changes;
}

}  // namespace devc::engine

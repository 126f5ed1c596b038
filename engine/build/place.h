#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <sys/types.h>

#include "engine/build/file_mode.h"
#include "engine/build/owner.h"
#include "engine/build/selection.h"

namespace devc::engine::build {

/// Puts files into the root of a stage as COPY does. Everything is resolved within that root.
class Placer {
public:
    /// `owner` and `mode` replace those of the source where they are given. New folders on the way belong to `owner` or 0:0 and
    /// have the mode 0755, or the permissions of `mode` if that is octal.
    Placer(int root, std::optional<Owner> owner, std::optional<FileMode> mode) : root_(root), owner_(owner), mode_(std::move(mode)) {}

    /// `destination` is absolute; one that ends in "/" is a folder, made if it does not exist.
    void copy(const FileTree& tree, const Selected& selected, std::string_view destination);
    /// A file with that content (here-documents), mode 0644 unless given.
    void write(std::string_view name, std::string_view content, std::string_view destination);
    /// The folder and its missing parents. Returns its path in the root.
    std::string makeFolders(std::string_view path);

private:
    std::string target(const Selected& selected, bool isFolder, std::string_view destination);
    void copyFile(const FileTree& tree, const Node& node, const std::string& path);
    void copyNode(const FileTree& tree, const Node& node, const std::string& path);
    void copyFolder(const FileTree& tree, const Node& node, const std::string& path, bool replaceMetadata);
    void describe(const FileTree& tree, const Node& node, const std::string& path);
    void clear(const std::string& path);
    void copyAttributes(const FileTree& tree, const Node& node, const std::string& path);

    int root_;
    std::optional<Owner> owner_;
    std::optional<FileMode> mode_;
    std::map<std::pair<dev_t, ino_t>, std::string> links_;
};

}  // namespace devc::engine::build

#pragma once
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace devc::engine {

enum class ChangeKind { Modified, Added, Deleted };

/// A file or folder that a container has changed: absolute path as the container sees it.
struct FileChange {
    ChangeKind kind = ChangeKind::Modified;
    std::string path;
};

/// What an overlay's `upper` changes in the layers below it (`lower`: a descriptor of their root, -1: nothing below), sorted
/// by path. `made`: paths at which something is mounted; empty files and folders that are in `upper` only for them are left
/// out.
std::vector<FileChange> layerChanges(const std::filesystem::path& upper, int lower, const std::set<std::string>& made);

}  // namespace devc::engine

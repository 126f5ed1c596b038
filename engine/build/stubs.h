#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "engine/build/file_tree.h"

namespace devc::engine::build {

/// The mount points that a container makes in its root because they are not there: after the step they are taken out of its
/// layer again, if nothing was put into them.
class MountStubs {
public:
    /// `root` is the file system before the step, `targets` the absolute paths that will be mounted on.
    MountStubs(const FileTree& root, const std::vector<std::string>& targets);
    /// Removes what is still an empty folder or file in `upper`, and folders that are in it only because of that.
    void clean(const std::filesystem::path& upper, const FileTree& root) const;

private:
    std::vector<std::string> missing_;  ///< longest first
};

}  // namespace devc::engine::build

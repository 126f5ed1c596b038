#pragma once
#include <string>
#include <vector>

#include "engine/build/file_tree.h"

namespace devc::engine::build {

/// One source of a COPY as it was found: a file, or a folder with what is in it.
struct Selected {
    std::string name;  ///< last component as the source was written: what a file is called in a destination folder
    Node node;         ///< symbolic links followed
    struct Entry {
        std::string below;  ///< path below the folder
        Node node;
        bool parentOnly = false;  ///< a folder that is there only because something in it was chosen
    };
    std::vector<Entry> entries;  ///< of a folder, each after the folder that it is in
};

struct SelectOptions {
    bool parents = false;                ///< --parents: the path of the source is kept below the destination
    std::vector<std::string> excludes;   ///< --exclude
    bool wildcards = true;
};

/// Looks up a source of COPY, ADD or a mount. A wildcard may match nothing; a plain name must exist: throws Error with the
/// nearest name and whether the ignore file hides it. `where` is said in the message: "the build context".
std::vector<Selected> select(const FileTree& tree, const std::string& source, const SelectOptions& options, const std::string& where);

/// Digest of all that a copy of the selection depends on: names, types, modes, contents, link targets, owners of a stage's
/// files; not times.
std::string contentDigest(const FileTree& tree, const std::vector<Selected>& selection);

}  // namespace devc::engine::build

#pragma once
#include <string>
#include <vector>

#include "engine/linux/mount.h"

namespace devc::engine {

/// The options of a mount in config.json, sorted by who understands them.
struct MountOptions {
    MountChange change;             ///< flags and propagation of the mount itself
    bool bind = false;              ///< "bind" or "rbind"
    bool recursive = false;         ///< "rbind"
    std::string subpath;            ///< "x-devc.subpath=": what is mounted is below the source, whatever links are there
    std::vector<std::string> data;  ///< the file system's own: "size=64m"
};

MountOptions parseMountOptions(const std::vector<std::string>& options);

}  // namespace devc::engine

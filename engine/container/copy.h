#pragma once
#include <string>

#include "engine/container/root.h"

namespace devc::engine {

struct CopyOptions {
    bool keepOwner = false;    ///< -a: user and group as at the source; else root in the container, the caller outside
    bool follow = false;       ///< -L: what a symbolic link at the source leads to, not the link
    bool makeFolders = false;  ///< in the container, where the destination's folder is not there (0755)
};

// `docker cp`. A source that ends with "/." means the content of the folder. Where the destination is a folder the source is
// put into it, where it does not exist the source gets that name, a file replaces a file. All throw Error, NotFound for a
// source or a destination's folder that is not there.

void copyOut(const Host&, const ContainerRoot&, const std::string& source, const std::string& destination, const CopyOptions&);
void copyIn(const Host&, const ContainerRoot&, const std::string& source, const std::string& destination, const CopyOptions&);

/// The same with a tar in the place of the path outside (`-`): uncompressed on its way out, any compression on its way in.
/// `destination` must be a folder.
void copyOutAsTar(const Host&, const ContainerRoot&, const std::string& source, int tar, const CopyOptions&);
void copyInFromTar(const Host&, const ContainerRoot&, int tar, const std::string& destination, const CopyOptions&);

/// The whole file system as a tar.
void exportTree(const Host&, const ContainerRoot& bare, int tar);

}  // namespace devc::engine

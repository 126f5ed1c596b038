#pragma once
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "engine/transfer/limits.h"
#include "engine/transfer/root_folder.h"
#include "engine/transfer/source.h"

struct archive;
struct archive_entry;

namespace devc::engine::transfer {

/// A hard link of a layer to a file that only a lower layer has.
struct LinkBelow {
    std::string name, target;
};

/// What a layer left open because it depends on the layers below, which may still be on their way.
struct Unpacked {
    std::uint64_t bytes = 0;             ///< of regular files
    std::list<std::string> impliedFolders;  ///< made without an entry of their own
    std::vector<LinkBelow> linksBelow;
};

/// Unpacks a tar (uncompressed) below `folder`, which exists and is empty. Owners, modes, times, extended attributes
/// (user.*, security.capability, POSIX ACLs), devices and sparse files are kept; OCI whiteouts become overlayfs' (a
/// character device 0:0; trusted.overlay.opaque). Throws Error naming the entry. Reads `tar` to its very end.
/// OCI image specification, "Image Layer Filesystem Changeset".
Unpacked unpack(Source& tar, const std::string& folder, const Limits& limits);

/// How a tar is put into a folder that lives: `container cp`.
struct TreeOptions {
    std::optional<std::pair<uid_t, gid_t>> owner;  ///< of everything, in place of what the tar says
    bool devices = true;        ///< device nodes are made; false: left out
    bool specialModes = true;   ///< set-user-id and set-group-id are kept
};

/// Unpacks a tar (uncompressed) into `folder`, a descriptor (O_PATH suffices) of a folder that others may change meanwhile:
/// nothing outside it is touched, whatever links it has. Folders that exist are kept, files replaced. Throws Error where a
/// file would replace a folder.
void extractTree(Source& tar, int folder, const TreeOptions& options, const Limits& limits);

/// Gives implied folders the owner and mode they have in the layers below (topmost first) and copies files that links
/// mean. Throws Error when a link leads to nothing.
void completeFromBelow(const Unpacked& unpacked, const std::string& folder, const std::vector<std::string>& lowers);

}  // namespace devc::engine::transfer

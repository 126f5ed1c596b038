#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/linux/fd.h"

namespace devc::engine {

/// The kernel's mount interface by descriptors (fsopen, fsmount, open_tree, move_mount, openat2). A mount that a function
/// here returns is detached: it is in no mount table and goes away with its descriptor unless attachMount() was called.

struct OverlayLayers {
    std::vector<std::string> lowers;  ///< folders, topmost first; at least one
    std::string upper, work;          ///< both empty: a read-only view of the lowers
    bool fleeting = false;            ///< nothing in upper needs to outlive a power cut: its file system is not synced
};

/// An overlay of the layers. Nothing appears in the host's mount table. Throws SystemError.
Fd mountOverlay(const OverlayLayers&);

/// A new file system of `type`. `options` are the file system's own ("size=1m", "mode=755", "newinstance");
/// `attributes` are MOUNT_ATTR_* flags. Throws SystemError.
Fd mountNew(const std::string& type, const std::vector<std::string>& options, std::uint64_t attributes = 0);

/// A detached copy of the mount (or of the file or folder in it) at `path`, symlinks followed: what a bind mount is.
Fd cloneMount(const std::string& path, bool recursive);
/// The same of what `descriptor` (O_PATH suffices) refers to.
Fd cloneMountOf(int descriptor, bool recursive);

struct MountChange {
    std::uint64_t set = 0, clear = 0;  ///< MOUNT_ATTR_*; access-time flags need MOUNT_ATTR__ATIME in clear
    std::uint64_t propagation = 0;     ///< MS_PRIVATE, MS_SLAVE, MS_SHARED, MS_UNBINDABLE or 0
    bool recursive = false;
};
void changeMount(int mount, const MountChange&);

/// Attaches a detached mount on what `target` (O_PATH) refers to.
void attachMount(int mount, int target);

/// Opens `path` as a process whose root is `root` would: neither "..", absolute links nor magic links lead out of it.
/// `flags` as open(2), O_CLOEXEC added. Throws SystemError.
Fd openInRoot(int root, std::string_view path, int flags, unsigned mode = 0);
/// The same, but an empty Fd where the path does not exist.
Fd tryOpenInRoot(int root, std::string_view path, int flags);
/// The folder `path` (O_PATH) in the root, made with its missing parents. Symbolic links in it are followed within the root,
/// a dangling one is an error.
Fd makeFolderInRoot(int root, std::string_view path, unsigned mode = 0755);
/// The file `path` (O_PATH) in the root, made empty with missing parents if it does not exist.
Fd makeFileInRoot(int root, std::string_view path, unsigned mode = 0644);

/// True if what the descriptor refers to is on a file system of that magic number (PROC_SUPER_MAGIC, ...).
bool isOnFileSystem(int descriptor, long magic);

}  // namespace devc::engine

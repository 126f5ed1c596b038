#include "engine/transfer/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/transfer/tar_reader.h"

namespace devc::engine::transfer {

namespace {

constexpr std::string_view whiteoutPrefix = ".wh.";
constexpr std::string_view whiteoutMeta = ".wh..wh.";
constexpr std::string_view opaqueMarker = ".wh..wh..opq";

bool attributeAllowed(std::string_view name) {
    if (name.starts_with("user.")) return !name.starts_with("user.overlay.");
    return name == "security.capability" || name == "system.posix_acl_access" || name == "system.posix_acl_default";
}

struct FolderTimes {
    std::string path;
    timespec modified;
};

class Unpacker {
public:
    Unpacker(Source& tar, const std::string& folder, const Limits& limits)
        : tar_(tar), reader_(tar), root_(folder), limits_(limits), owner_(::geteuid()) {}
    Unpacker(Source& tar, int folder, const TreeOptions& tree, const Limits& limits)
        : Unpacker(tar, "/proc/self/fd/" + std::to_string(folder), limits) {
        tree_ = &tree;
    }

    Unpacked run() {
        std::uint64_t entries = 0;
        while (archive_entry* entry = reader_.next()) {
            if (++entries > limits_.layerEntries) {
                throw Error::of("the archive has more than {} entries", limits_.layerEntries)
                    .hint("DEVC_MAX_LAYER_ENTRIES raises the limit");
            }
            std::string name = archive_entry_pathname(entry);
            try {
                place(entry, cleanPath(name));
            } catch (Error& error) {
                throw error.during("entry '{}'", printable(name));
            }
        }
        while (!tar_.read().empty()) {}  // the digest covers what follows the end mark
        restoreFolderTimes();
        return std::move(result_);
    }

private:
    void place(archive_entry* entry, const std::string& path) {
        if (path.empty()) return;  // the root's mode is the container's, not the archive's
        auto [folder, name] = splitPath(path);
        int parent = root_.folder(folder, true, &result_.impliedFolders);
        if (tree_ == nullptr && name.starts_with(whiteoutPrefix)) return whiteout(parent, folder, name);
        if (const char* target = archive_entry_hardlink(entry)) return link(parent, name, path, cleanPath(target));
        switch (archive_entry_filetype(entry)) {
            case AE_IFREG: return file(entry, parent, name);
            case AE_IFDIR: return directory(entry, parent, name, path);
            case AE_IFLNK: return symlink(entry, parent, name);
            case AE_IFCHR:
            case AE_IFBLK:
                if (tree_ != nullptr && !tree_->devices) return;
                [[fallthrough]];
            case AE_IFIFO: return node(entry, parent, name);
            default: return;  // sockets mean nothing without their process
        }
    }

    void whiteout(int parent, const std::string& folder, const std::string& marker) {
        if (marker == opaqueMarker) {
            if (!folder.empty()) setOpaque(parent);
            return;
        }
        if (marker.starts_with(whiteoutMeta)) return;  // aufs' own book-keeping
        std::string name = marker.substr(whiteoutPrefix.size());
        if (name.empty() || name == "." || name == "..") throw Error("the whiteout names nothing that could be removed");
        if (::mknodat(parent, name.c_str(), S_IFCHR | 0600, makedev(0, 0)) == 0) return;
        if (errno != EEXIST) throw SystemError("make the whiteout", errno);
        // The layer itself has the name: the whiteout hides only what lies below.
        Fd existing(::openat(parent, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (existing) setOpaque(existing.get());
    }

    void setOpaque(int folder) {
        std::string self = "/proc/self/fd/" + std::to_string(folder);
        if (::setxattr(self.c_str(), "trusted.overlay.opaque", "y", 1, 0) != 0) throw SystemError("mark the folder opaque", errno);
    }

    /// Makes room for an entry: the last one of a name counts.
    template <typename Make>
    bool make(int parent, const std::string& name, Make&& attempt) {
        bool hidden = false;
        if (attempt()) return hidden;
        if (errno != EEXIST) throw SystemError("create it", errno);
        struct stat old {};
        const bool exists = ::fstatat(parent, name.c_str(), &old, AT_SYMLINK_NOFOLLOW) == 0;
        hidden = exists && S_ISCHR(old.st_mode) && old.st_rdev == 0;
        if (tree_ != nullptr && exists && S_ISDIR(old.st_mode)) throw Error("cannot overwrite a directory with a non-directory");
        root_.remove(parent, name);
        if (!attempt()) throw SystemError("create it", errno);
        return hidden;
    }

    void file(archive_entry* entry, int cached, const std::string& name) {
        Fd parent(::fcntl(cached, F_DUPFD_CLOEXEC, 3));  // make() may drop the cached one
        Fd out;
        auto mode = static_cast<mode_t>(archive_entry_perm(entry));
        make(parent.get(), name, [&] {
            out = Fd(::openat(parent.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode & 0777));
            return static_cast<bool>(out);
        });
        la_int64_t size = archive_entry_size(entry);
        if (size < 0 || static_cast<std::uint64_t>(size) > limits_.layerBytes) {
            throw Error::of("it claims {} bytes, more than the limit of {}", size, limits_.layerBytes)
                .hint("DEVC_MAX_LAYER_BYTES raises the limit");
        }
        copyData(out.get(), size);
        finish(entry, out.get(), mode, true);
    }

    void copyData(int out, la_int64_t size) {
        const void* data = nullptr;
        std::size_t count = 0;
        la_int64_t offset = 0, end = 0;
        while (reader_.block(data, count, offset)) {
            result_.bytes += count;
            if (result_.bytes > limits_.layerBytes) throw Error::of("the layer has more than {} bytes", limits_.layerBytes);
            const char* from = static_cast<const char*>(data);
            while (count > 0) {
                ssize_t put = ::pwrite(out, from, count, offset);
                if (put < 0 && errno == EINTR) continue;
                if (put < 0) throw SystemError("write", errno);
                from += put;
                offset += put;
                count -= static_cast<std::size_t>(put);
            }
            end = offset;
        }
        if (end < size && ::ftruncate(out, size) != 0) throw SystemError("set the size", errno);
    }

    void directory(archive_entry* entry, int cached, const std::string& name, const std::string& path) {
        Fd parent(::fcntl(cached, F_DUPFD_CLOEXEC, 3));
        auto mode = static_cast<mode_t>(archive_entry_perm(entry));
        bool whiteoutBefore = false;
        if (::mkdirat(parent.get(), name.c_str(), mode & 0777) != 0) {
            struct stat old {};
            if (errno != EEXIST || ::fstatat(parent.get(), name.c_str(), &old, AT_SYMLINK_NOFOLLOW) != 0)
                throw SystemError("create it", errno);
            if (!S_ISDIR(old.st_mode)) {
                whiteoutBefore = make(parent.get(), name, [&] { return ::mkdirat(parent.get(), name.c_str(), mode & 0777) == 0; });
            }
        }
        Fd self(::openat(parent.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!self) throw SystemError("open it", errno);
        if (whiteoutBefore && tree_ == nullptr) setOpaque(self.get());
        finish(entry, self.get(), mode, false);
        folders_.push_back({path, modified(entry)});
        std::erase(result_.impliedFolders, path);
    }

    void symlink(archive_entry* entry, int cached, const std::string& name) {
        Fd parent(::fcntl(cached, F_DUPFD_CLOEXEC, 3));
        const char* target = archive_entry_symlink(entry);
        if (target == nullptr || *target == '\0') throw Error("the symbolic link has no target");
        make(parent.get(), name, [&] { return ::symlinkat(target, parent.get(), name.c_str()) == 0; });
        finishNode(entry, parent.get(), name, true);
    }

    void node(archive_entry* entry, int cached, const std::string& name) {
        Fd parent(::fcntl(cached, F_DUPFD_CLOEXEC, 3));
        auto type = archive_entry_filetype(entry);
        dev_t device = type == AE_IFIFO ? 0 : makedev(static_cast<unsigned>(archive_entry_rdevmajor(entry)), static_cast<unsigned>(archive_entry_rdevminor(entry)));
        if (type == AE_IFCHR && device == 0) throw Error("the device 0:0 is reserved: overlayfs takes it for a whiteout");
        mode_t mode = static_cast<mode_t>(type) | static_cast<mode_t>(archive_entry_perm(entry));
        make(parent.get(), name, [&] { return ::mknodat(parent.get(), name.c_str(), mode, device) == 0; });
        finishNode(entry, parent.get(), name, false);
    }

    void link(int cached, const std::string& name, const std::string& path, const std::string& target) {
        Fd parent(::fcntl(cached, F_DUPFD_CLOEXEC, 3));
        auto [targetFolder, targetName] = splitPath(target);
        int from = targetName.empty() ? -1 : root_.folder(targetFolder, false);
        struct stat there {};
        if (from < 0 || ::fstatat(from, targetName.c_str(), &there, AT_SYMLINK_NOFOLLOW) != 0) {
            if (tree_ != nullptr) throw Error::of("it is a hard link to '{}', which is not there", printable(target));
            root_.remove(parent.get(), name);  // what is there when all is unpacked came after the link
            result_.linksBelow.push_back({path, target});
            return;
        }
        if (S_ISDIR(there.st_mode)) throw Error("it is a hard link to a folder");
        Fd folder(::fcntl(from, F_DUPFD_CLOEXEC, 3));
        if (path == target) return;
        make(parent.get(), name, [&, &existing = targetName] { return ::linkat(folder.get(), existing.c_str(), parent.get(), name.c_str(), 0) == 0; });
    }

    static timespec modified(archive_entry* entry) {
        if (!archive_entry_mtime_is_set(entry)) return {0, 0};
        return {archive_entry_mtime(entry), archive_entry_mtime_nsec(entry)};
    }

    uid_t userOf(archive_entry* entry) const { return tree_ && tree_->owner ? tree_->owner->first : static_cast<uid_t>(archive_entry_uid(entry)); }
    gid_t groupOf(archive_entry* entry) const { return tree_ && tree_->owner ? tree_->owner->second : static_cast<gid_t>(archive_entry_gid(entry)); }

    /// Owner first: it clears set-user-id bits and capabilities.
    void finish(archive_entry* entry, int self, mode_t mode, bool withTimes) {
        if (tree_ && !tree_->specialModes && withTimes) mode &= 0777;
        uid_t uid = userOf(entry);
        gid_t gid = groupOf(entry);
        bool foreign = uid != owner_ || gid != 0;
        if (foreign && ::fchown(self, uid, gid) != 0) throw SystemError("set the owner", errno);
        if ((foreign || (mode & 07000) != 0 || !withTimes) && ::fchmod(self, mode) != 0) throw SystemError("set the mode", errno);
        attributes(entry, [&](const char* name, const void* value, std::size_t size) { return ::fsetxattr(self, name, value, size, 0); });
        if (!withTimes) return;
        timespec times[2] = {modified(entry), modified(entry)};
        ::futimens(self, times);
    }

    void finishNode(archive_entry* entry, int parent, const std::string& name, bool isLink) {
        uid_t uid = userOf(entry);
        gid_t gid = groupOf(entry);
        if (::fchownat(parent, name.c_str(), uid, gid, AT_SYMLINK_NOFOLLOW) != 0) throw SystemError("set the owner", errno);
        // Never a link here: it was made a moment ago and nobody else can write in this folder. In a tree that lives somebody
        // can: there the mode that it was made with has to do.
        if (!isLink && tree_ == nullptr && ::fchmodat(parent, name.c_str(), static_cast<mode_t>(archive_entry_perm(entry)), 0) != 0)
            throw SystemError("set the mode", errno);
        timespec times[2] = {modified(entry), modified(entry)};
        ::utimensat(parent, name.c_str(), times, AT_SYMLINK_NOFOLLOW);
    }

    template <typename Set>
    void attributes(archive_entry* entry, Set&& set) {
        if (archive_entry_xattr_reset(entry) == 0) return;
        const char* name = nullptr;
        const void* value = nullptr;
        std::size_t size = 0;
        while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
            if (name == nullptr || !attributeAllowed(name)) continue;
            if (set(name, value, size) != 0 && errno != ENOTSUP)
                throw SystemError("set the attribute " + printable(name), errno);
        }
    }

    void restoreFolderTimes() {
        for (auto entry = folders_.rbegin(); entry != folders_.rend(); ++entry) {
            Fd folder = root_.open(entry->path, O_RDONLY | O_DIRECTORY);
            timespec times[2] = {entry->modified, entry->modified};
            if (folder) ::futimens(folder.get(), times);
        }
    }

    Source& tar_;
    TarReader reader_;
    RootFolder root_;
    const Limits& limits_;
    uid_t owner_;
    const TreeOptions* tree_ = nullptr;
    Unpacked result_;
    std::vector<FolderTimes> folders_;
};

void copyFile(int from, int to) {
    for (;;) {
        ssize_t got = ::copy_file_range(from, nullptr, to, nullptr, 1 << 30, 0);
        if (got == 0) return;
        if (got < 0 && errno != EINTR) throw SystemError("copy", errno);
    }
}

/// The file that `path` is in the layers below, seen from the top; -1 where a whiteout hides it.
Fd findBelow(const std::string& path, const std::vector<std::string>& lowers, int flags, struct stat& status) {
    for (const std::string& lower : lowers) {
        Fd found = RootFolder(lower).open(path, O_PATH);
        if (!found || ::fstat(found.get(), &status) != 0) continue;
        if (S_ISCHR(status.st_mode) && status.st_rdev == 0) return {};
        return flags == O_PATH ? std::move(found) : RootFolder(lower).open(path, flags);
    }
    return {};
}

void copyFromBelow(const LinkBelow& link, RootFolder& root, const std::vector<std::string>& lowers) {
    struct stat status {};
    Fd kind = findBelow(link.target, lowers, O_PATH, status);
    if (!kind || !S_ISREG(status.st_mode)) throw Error::of("it is a hard link to '{}', which is not there", printable(link.target));
    Fd from = findBelow(link.target, lowers, O_RDONLY | O_NONBLOCK, status);
    auto [folder, name] = splitPath(link.name);
    int parent = root.folder(folder, true);
    Fd to(::openat(parent, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!to && errno == EEXIST) return;  // a later entry of the name, which counts: it may be a device or a FIFO
    if (!to) throw SystemError("create it", errno);
    copyFile(from.get(), to.get());
    if (::fchown(to.get(), status.st_uid, status.st_gid) != 0) throw SystemError("set the owner", errno);
    if (::fchmod(to.get(), status.st_mode & 07777) != 0) throw SystemError("set the mode", errno);
    timespec times[2] = {status.st_mtim, status.st_mtim};
    ::futimens(to.get(), times);
}

}  // namespace

Unpacked unpack(Source& tar, const std::string& folder, const Limits& limits) { return Unpacker(tar, folder, limits).run(); }

void extractTree(Source& tar, int folder, const TreeOptions& options, const Limits& limits) { Unpacker(tar, folder, options, limits).run(); }

void completeFromBelow(const Unpacked& unpacked, const std::string& folder, const std::vector<std::string>& lowers) {
    if (unpacked.impliedFolders.empty() && unpacked.linksBelow.empty()) return;
    RootFolder root(folder);
    for (const std::string& path : unpacked.impliedFolders) {
        struct stat status {};
        Fd below = findBelow(path, lowers, O_PATH, status);
        Fd self = root.open(path, O_RDONLY | O_DIRECTORY);
        if (!below || !self || !S_ISDIR(status.st_mode)) continue;
        if (::fchown(self.get(), status.st_uid, status.st_gid) != 0) throw SystemError("set the owner of " + printable(path), errno);
        if (::fchmod(self.get(), status.st_mode & 07777) != 0) throw SystemError("set the mode of " + printable(path), errno);
        timespec times[2] = {status.st_mtim, status.st_mtim};
        ::futimens(self.get(), times);
    }
    for (auto link = unpacked.linksBelow.rbegin(); link != unpacked.linksBelow.rend(); ++link) {  // the last one of a name counts
        try {
            copyFromBelow(*link, root, lowers);
        } catch (Error& error) {
            throw error.during("entry '{}'", printable(link->name));
        }
    }
}

}  // namespace devc::engine::transfer

#include "engine/linux/copy_tree.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <dirent.h>
#include <fcntl.h>
#include <map>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <vector>

#include "engine/error.h"
#include "engine/linux/fd.h"
#include "engine/linux/plain_file.h"

namespace devc::engine {

namespace {

/// Attributes that describe layers, not content.
bool isOfOverlay(std::string_view name) { return name.starts_with("trusted.overlay.") || name.starts_with("user.overlay."); }

std::vector<std::string> namesIn(int folder) {
    Fd again(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!again) throw SystemError("read a folder", errno);
    std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(again.get()), &::closedir);
    if (!stream) throw SystemError("read a folder", errno);
    again.release();
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(stream.get())) {
        std::string name = entry->d_name;
        if (name != "." && name != "..") names.push_back(std::move(name));
    }
    return names;
}

void copyAttributes(int from, int to) {
    std::vector<char> names(XATTR_LIST_MAX);
    ssize_t size = ::flistxattr(from, names.data(), names.size());
    std::vector<char> value(XATTR_SIZE_MAX);
    for (ssize_t at = 0; at < size; at += static_cast<ssize_t>(std::string_view(names.data() + at).size()) + 1) {
        const char* name = names.data() + at;
        if (isOfOverlay(name)) continue;
        ssize_t length = ::fgetxattr(from, name, value.data(), value.size());
        // A file system without attributes of this kind keeps the content: better than none.
        if (length >= 0) ::fsetxattr(to, name, value.data(), static_cast<size_t>(length), 0);
    }
}

void copyOwner(int to, const struct stat& status) {
    if (::fchown(to, status.st_uid, status.st_gid) != 0) throw SystemError("chown", errno);
    if (::fchmod(to, status.st_mode & 07777) != 0) throw SystemError("chmod", errno);
}

void copyTimes(int to, const struct stat& status) {
    timespec times[2] = {status.st_atim, status.st_mtim};
    ::futimens(to, times);
}

void copyData(int from, int to) {
    for (;;) {
        ssize_t copied = ::copy_file_range(from, nullptr, to, nullptr, size_t{1} << 30, 0);
        if (copied == 0) return;
        if (copied > 0) continue;
        if (errno == EINTR) continue;
        if (errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP) throw SystemError("copy", errno);
        break;
    }
    std::vector<char> chunk(1 << 17);
    for (;;) {
        ssize_t got = readSome(from, chunk.data(), chunk.size());
        if (got < 0) throw SystemError("read", errno);
        if (got == 0) return;
        writeAll(to, {chunk.data(), static_cast<size_t>(got)});
    }
}

class TreeCopy {
public:
    void folder(int from, int to, const std::string& path) {
        struct stat status{};
        ::fstat(from, &status);
        for (const std::string& name : namesIn(from)) entry(from, to, name, path + "/" + name);
        copyOwner(to, status);
        copyAttributes(from, to);
        copyTimes(to, status);
    }

private:
    void entry(int from, int to, const std::string& name, const std::string& path) {
        try {
            struct stat status{};
            if (::fstatat(from, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) throw SystemError("stat", errno);
            if (S_ISDIR(status.st_mode)) return subfolder(from, to, name, path);
            if (status.st_nlink > 1 && linked(to, name, status)) return;
            if (S_ISREG(status.st_mode)) file(from, to, name, status);
            else if (S_ISLNK(status.st_mode)) link(from, to, name, status);
            else node(to, name, status);
            if (status.st_nlink > 1) seen_.emplace(std::pair(status.st_dev, status.st_ino), path);
        } catch (Error& error) {
            if (reported_) throw;
            reported_ = true;
            throw error.during("copy {}", path);
        }
    }

    void subfolder(int from, int to, const std::string& name, const std::string& path) {
        Fd source(::openat(from, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!source) throw SystemError("open", errno);
        if (::mkdirat(to, name.c_str(), 0700) != 0 && errno != EEXIST) throw SystemError("mkdir", errno);
        Fd target(::openat(to, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!target) throw SystemError("open", errno);
        if (!root_) root_ = Fd(::fcntl(to, F_DUPFD_CLOEXEC, 0));
        folder(source.get(), target.get(), path);
    }

    /// True if the file was copied under another name already and is now a hard link to that.
    bool linked(int to, const std::string& name, const struct stat& status) {
        auto first = seen_.find({status.st_dev, status.st_ino});
        if (first == seen_.end() || !root_) return false;
        const Fd there = tryOpenWithoutLinks(root_.get(), first->second.substr(1), O_PATH);
        return there && ::linkat(there.get(), "", to, name.c_str(), AT_EMPTY_PATH) == 0;
    }

    void file(int from, int to, const std::string& name, const struct stat& status) {
        Fd source(::openat(from, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
        if (!source) throw SystemError("open", errno);
        // What is there is never opened: it may be a device or a FIFO that a container has just put there.
        const auto create = [&] { return Fd(::openat(to, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)); };
        Fd target = create();
        if (!target && errno == EEXIST && ::unlinkat(to, name.c_str(), 0) == 0) target = create();
        if (!target) throw SystemError("create", errno);
        copyData(source.get(), target.get());
        copyOwner(target.get(), status);
        copyAttributes(source.get(), target.get());
        copyTimes(target.get(), status);
    }

    void link(int from, int to, const std::string& name, const struct stat& status) {
        std::string text(PATH_MAX, '\0');
        ssize_t size = ::readlinkat(from, name.c_str(), text.data(), text.size());
        if (size < 0) throw SystemError("readlink", errno);
        text.resize(static_cast<size_t>(size));
        if (::symlinkat(text.c_str(), to, name.c_str()) != 0 && errno != EEXIST) throw SystemError("symlink", errno);
        ::fchownat(to, name.c_str(), status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW);
    }

    void node(int to, const std::string& name, const struct stat& status) {
        if (::mknodat(to, name.c_str(), status.st_mode, status.st_rdev) != 0 && errno != EEXIST) throw SystemError("mknod", errno);
        ::fchownat(to, name.c_str(), status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW);
    }

    Fd root_;
    std::map<std::pair<dev_t, ino_t>, std::string> seen_;
    bool reported_ = false;
};

}  // namespace

void copyTree(int from, int to) { TreeCopy().folder(from, to, ""); }

}  // namespace devc::engine

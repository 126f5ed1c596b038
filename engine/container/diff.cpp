#include "engine/container/diff.h"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "engine/error.h"
#include "engine/linux/fd.h"

namespace devc::engine {

namespace {

constexpr int deepest = 512;  ///< each takes a part of the stack and two descriptors

std::vector<std::string> namesIn(int folder) {
    Fd again(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    std::unique_ptr<DIR, int (*)(DIR*)> stream(again ? ::fdopendir(again.get()) : nullptr, [](DIR* open) { return open ? ::closedir(open) : 0; });
    if (!stream) throw SystemError("read a folder", errno);
    again.release();
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(stream.get()))
        if (std::string name = entry->d_name; name != "." && name != "..") names.push_back(std::move(name));
    std::sort(names.begin(), names.end());
    return names;
}

Fd openFolder(int parent, const std::string& name) { return Fd(parent < 0 ? -1 : ::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)); }

bool isOpaque(int folder) {
    char value = 0;
    return ::fgetxattr(folder, "trusted.overlay.opaque", &value, 1) == 1 && value == 'y';
}

class Walk {
public:
    explicit Walk(const std::set<std::string>& made) : made_(made) {}
    std::vector<FileChange> changes;

    void folder(int upper, int lower, const std::string& prefix, int depth = 0) {
        if (depth == deepest) throw Error::of("the container has folders that are nested more than {} times", deepest);
        for (const std::string& name : namesIn(upper)) entry(upper, lower, name, prefix + "/" + name, depth);
    }

private:
    void entry(int upper, int lower, const std::string& name, const std::string& path, int depth) {
        struct stat now {}, before {};
        if (::fstatat(upper, name.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0) return;  // gone meanwhile
        const bool existed = lower >= 0 && ::fstatat(lower, name.c_str(), &before, AT_SYMLINK_NOFOLLOW) == 0;
        if (S_ISCHR(now.st_mode) && now.st_rdev == makedev(0, 0)) {
            if (existed) changes.push_back({ChangeKind::Deleted, path});
            return;
        }
        const bool isMountPoint = !existed && made_.contains(path);
        if (isMountPoint && !S_ISDIR(now.st_mode) && now.st_size == 0) return;
        changes.push_back({existed ? ChangeKind::Modified : ChangeKind::Added, path});
        if (!S_ISDIR(now.st_mode)) return;
        const std::size_t own = changes.size();
        const Fd self = openFolder(upper, name);
        if (!self) return;
        const Fd below = existed && S_ISDIR(before.st_mode) ? openFolder(lower, name) : Fd();
        folder(self.get(), below.get(), path, depth + 1);
        if (below && isOpaque(self.get())) deletedBelow(self.get(), below.get(), path);
        if (changes.size() == own && leadsToMount(path)) changes.pop_back();
    }

    /// What a folder that hides all below it does not have any more.
    void deletedBelow(int upper, int lower, const std::string& prefix) {
        for (const std::string& name : namesIn(lower)) {
            struct stat now {};
            if (::fstatat(upper, name.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0) changes.push_back({ChangeKind::Deleted, prefix + "/" + name});
        }
    }

    bool leadsToMount(const std::string& path) const {
        const auto next = made_.lower_bound(path);
        return next != made_.end() && (*next == path || next->starts_with(path + "/"));
    }

    const std::set<std::string>& made_;
};

}  // namespace

std::vector<FileChange> layerChanges(const std::filesystem::path& upper, int lower, const std::set<std::string>& made) {
    Walk walk(made);
    const Fd root = openFile(upper.string(), O_RDONLY | O_DIRECTORY);
    walk.folder(root.get(), lower, "");
    std::stable_sort(walk.changes.begin(), walk.changes.end(), [](const FileChange& a, const FileChange& b) { return a.path < b.path; });
    return walk.changes;
}

}  // namespace devc::engine

#include "engine/build/stubs.h"

#include <algorithm>
#include <fcntl.h>
#include <set>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "engine/linux/plain_file.h"

namespace devc::engine::build {

namespace {

std::string folderOf(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

std::string nameOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool sameAs(const struct stat& a, const struct stat& b) {
    return a.st_mode == b.st_mode && a.st_uid == b.st_uid && a.st_gid == b.st_gid;
}

}  // namespace

MountStubs::MountStubs(const FileTree& root, const std::vector<std::string>& targets) {
    std::set<std::string> missing;
    for (const std::string& target : targets) {
        std::string path;
        for (std::size_t at = 1; at <= target.size();) {
            const std::size_t end = std::min(target.find('/', at), target.size());
            const Resolved next = resolveIn(root.root(), path + "/" + target.substr(at, end - at), true);
            path = next.path;
            if (!next.exists) missing.insert(path);
            at = end + 1;
        }
    }
    missing_.assign(missing.begin(), missing.end());
    std::sort(missing_.begin(), missing_.end(), [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

void MountStubs::clean(const std::filesystem::path& upper, const FileTree& root) const {
    // The step may have put links where folders were: none is followed.
    const Fd layer = openFile(upper.string(), O_PATH | O_DIRECTORY);
    const auto folderIn = [&](const std::string& path, int flags) { return tryOpenWithoutLinks(layer.get(), path, flags | O_DIRECTORY); };
    std::set<std::string> touched;
    for (const std::string& path : missing_) {
        const Fd parent = folderIn(folderOf(path), O_PATH);
        const std::string name = nameOf(path);
        struct stat info {};
        if (!parent || fstatat(parent.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
        if (S_ISDIR(info.st_mode)) unlinkat(parent.get(), name.c_str(), AT_REMOVEDIR);  // one that is not empty stays
        else if (S_ISREG(info.st_mode) && info.st_size == 0) unlinkat(parent.get(), name.c_str(), 0);
        touched.insert(folderOf(path));
    }
    // A parent that was only copied up to hold a mount point says nothing.
    std::vector<std::string> parents(touched.begin(), touched.end());
    for (auto parent = parents.rbegin(); parent != parents.rend(); ++parent) {
        if (parent->empty()) continue;
        const Fd above = folderIn(folderOf(*parent), O_PATH), self = folderIn(*parent, O_RDONLY);
        struct stat now {}, before {};
        if (!above || !self || fstat(self.get(), &now) != 0) continue;
        if (fstatat(root.root(), parent->c_str(), &before, AT_SYMLINK_NOFOLLOW) != 0) continue;
        if (sameAs(now, before) && fgetxattr(self.get(), "trusted.overlay.opaque", nullptr, 0) < 0) unlinkat(above.get(), nameOf(*parent).c_str(), AT_REMOVEDIR);
        const timespec times[2] = {before.st_atim, before.st_mtim};
        futimens(self.get(), times);
    }
}

}  // namespace devc::engine::build

#include "engine/build/stubs.h"

#include <algorithm>
#include <fcntl.h>
#include <set>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace devc::engine::build {

namespace {

std::string folderOf(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

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
    std::set<std::string> touched;
    for (const std::string& path : missing_) {
        const std::string file = upper / path;
        struct stat info {};
        if (lstat(file.c_str(), &info) != 0) continue;
        if (S_ISDIR(info.st_mode)) rmdir(file.c_str());  // one that is not empty stays
        else if (S_ISREG(info.st_mode) && info.st_size == 0) unlink(file.c_str());
        touched.insert(folderOf(path));
    }
    // A parent that was only copied up to hold a mount point says nothing.
    std::vector<std::string> parents(touched.begin(), touched.end());
    for (auto parent = parents.rbegin(); parent != parents.rend(); ++parent) {
        if (parent->empty()) continue;
        const std::string file = upper / *parent;
        struct stat now {}, before {};
        if (lstat(file.c_str(), &now) != 0 || !S_ISDIR(now.st_mode)) continue;
        if (fstatat(root.root(), parent->c_str(), &before, AT_SYMLINK_NOFOLLOW) != 0) continue;
        if (sameAs(now, before) && lgetxattr(file.c_str(), "trusted.overlay.opaque", nullptr, 0) < 0) rmdir(file.c_str());
        const timespec times[2] = {before.st_atim, before.st_mtim};
        utimensat(AT_FDCWD, file.c_str(), times, AT_SYMLINK_NOFOLLOW);
    }
}

}  // namespace devc::engine::build

#include "engine/image/file_map.h"

#include <cerrno>
#include <set>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "engine/error.h"

namespace devc::engine {

namespace fs = std::filesystem;

namespace {

bool isWhiteout(const struct stat& status) { return S_ISCHR(status.st_mode) && status.st_rdev == makedev(0, 0); }

bool isOpaque(const fs::path& folder) {
    char mark = 0;
    return ::lgetxattr(folder.c_str(), "trusted.overlay.opaque", &mark, 1) == 1 && mark == 'y';
}

class Overlay {
public:
    Overlay(FileMap& files, const fs::path& folder, std::size_t layer) : files_(files), folder_(folder), layer_(layer) {}

    std::vector<ImageChange> run() {
        for (auto entry = fs::recursive_directory_iterator(folder_); entry != fs::recursive_directory_iterator(); ++entry)
            place(entry->path(), entry->path().lexically_relative(folder_).string());
        return std::move(changes_);
    }

private:
    void place(const fs::path& place, const std::string& path) {
        struct stat status {};
        if (::lstat(place.c_str(), &status) != 0) throw SystemError("stat " + place.string(), errno);
        const auto below = files_.find(path);
        const bool known = below != files_.end() && below->second.layer != layer_;
        if (isWhiteout(status)) {
            if (known) note(ImageChange::Kind::Deleted, path, 0, remove(path));
            return;
        }
        // One file under several names has its bytes once.
        const bool first = status.st_nlink < 2 || inodes_.insert(status.st_ino).second;
        const LayerFile file{layer_, status};
        const std::uint64_t bytes = first ? file.bytes() : 0;
        if (S_ISDIR(status.st_mode)) {
            const bool stays = known && S_ISDIR(below->second.status.st_mode);
            const std::uint64_t hidden = stays && !isOpaque(place) ? 0 : known ? removeBelow(path) : 0;
            if (!known || !stays || hidden > 0) note(known ? ImageChange::Kind::Modified : ImageChange::Kind::Added, path, 0, hidden);
        } else {
            const std::uint64_t hidden = known ? remove(path) : 0;
            note(known ? ImageChange::Kind::Modified : ImageChange::Kind::Added, path, bytes, hidden);
        }
        files_[path] = file;
    }

    void note(ImageChange::Kind kind, const std::string& path, std::uint64_t bytes, std::uint64_t hidden) { changes_.push_back({kind, path, bytes, hidden}); }

    std::uint64_t remove(const std::string& path) {
        const auto found = files_.find(path);
        std::uint64_t hidden = found->second.bytes();
        files_.erase(found);
        return hidden + removeBelow(path);
    }

    /// What lower layers have below a folder.
    std::uint64_t removeBelow(const std::string& path) {
        std::uint64_t hidden = 0;
        const std::string prefix = path + "/";
        for (auto entry = files_.lower_bound(prefix); entry != files_.end() && entry->first.starts_with(prefix);) {
            if (entry->second.layer == layer_) {
                ++entry;
                continue;
            }
            hidden += entry->second.bytes();
            entry = files_.erase(entry);
        }
        return hidden;
    }

    FileMap& files_;
    const fs::path& folder_;
    std::size_t layer_;
    std::set<ino_t> inodes_;
    std::vector<ImageChange> changes_;
};

}  // namespace

std::vector<ImageChange> overlay(FileMap& files, const fs::path& folder, std::size_t layer) { return Overlay(files, folder, layer).run(); }

}  // namespace devc::engine

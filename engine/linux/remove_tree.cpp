#include "engine/linux/remove_tree.h"

#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

#include "engine/error.h"
#include "engine/linux/fd.h"

namespace devc::engine {

namespace {

constexpr int deepest = 64, mostTries = 100;

std::unique_ptr<DIR, int (*)(DIR*)> list(int folder) {
    std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)), [](DIR* open) { return open ? ::closedir(open) : 0; });
    if (!stream) throw SystemError("read a folder", errno);
    return stream;
}

bool isDots(std::string_view name) { return name == "." || name == ".."; }

/// What a container made may be deeper than the stack and the descriptors of a process suffice for: what lies deeper than a
/// certain depth is moved to the top first.
class Removal {
public:
    explicit Removal(Fd top) : top_(std::move(top)) {}

    void empty() {
        do {
            moved_ = false;
            empty(top_.get(), 0);
        } while (moved_);
    }

private:
    void empty(int folder, int depth) {
        const auto stream = list(folder);
        while (const dirent* entry = ::readdir(stream.get()))
            if (!isDots(entry->d_name)) remove(folder, entry->d_name, depth);
    }

    void remove(int folder, const char* name, int depth) {
        if (::unlinkat(folder, name, 0) == 0 || errno == ENOENT) return;
        const int failure = errno;
        for (int tries = 0; ::unlinkat(folder, name, AT_REMOVEDIR) != 0 && errno != ENOENT; ++tries) {
            if ((errno != ENOTEMPTY && errno != EEXIST) || tries == mostTries) throw SystemError(std::string("remove ") + name, errno == ENOTDIR ? failure : errno);
            if (depth == deepest) return toTop(folder, name);
            const Fd child(::openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
            if (child) empty(child.get(), depth + 1);
            else if (errno != ENOENT) throw SystemError(std::string("open ") + name, errno);
        }
    }

    void toTop(int folder, const char* name) {
        while (::renameat2(folder, name, top_.get(), (".devc-deep-" + std::to_string(number_++)).c_str(), RENAME_NOREPLACE) != 0) {
            if (errno == ENOENT) return;
            if (errno != EEXIST) throw SystemError(std::string("move ") + name, errno);
        }
        moved_ = true;
    }

    Fd top_;
    unsigned number_ = 0;
    bool moved_ = false;
};

}  // namespace

void removeTree(const std::filesystem::path& path) {
    try {
        for (int tries = 0; ::unlink(path.c_str()) != 0 && errno != ENOENT; ++tries) {
            if (errno != EISDIR || tries == mostTries) throw SystemError("remove", errno);
            Fd top(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
            if (!top && errno == ENOENT) return;
            if (!top) throw SystemError("open", errno);
            Removal(std::move(top)).empty();
            if (::rmdir(path.c_str()) == 0 || errno == ENOENT) return;
            if (errno != ENOTEMPTY && errno != EEXIST) throw SystemError("remove", errno);
        }
    } catch (Error& error) {
        throw error.during("removing {}", path.string());
    }
}

bool tryRemoveTree(const std::filesystem::path& path) noexcept {
    try {
        removeTree(path);
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

}  // namespace devc::engine

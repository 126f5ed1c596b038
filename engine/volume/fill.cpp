#include "engine/volume/fill.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/linux/copy_tree.h"
#include "engine/linux/mount.h"

namespace devc::engine {

namespace {
std::filesystem::path markOf(const std::filesystem::path& data) { return data.parent_path() / "unfilled"; }
}  // namespace

void markForFilling(const std::filesystem::path& data) {
    std::error_code missing;
    if (std::filesystem::is_empty(data, missing) && !missing) openFile(markOf(data).string(), O_WRONLY | O_CREAT);
}

bool isMarkedForFilling(const std::filesystem::path& data) { return ::access(markOf(data).c_str(), F_OK) == 0; }

void fill(const std::filesystem::path& data, const std::string& path, const std::function<Fd()>& openRoot) {
    // Not the folder that containers have: one of them could hold its lock for ever.
    Fd lock = openFile(data.parent_path().string(), O_RDONLY | O_DIRECTORY);
    while (::flock(lock.get(), LOCK_EX) != 0) {
        if (errno != EINTR) throw SystemError("lock " + data.parent_path().string(), errno);
    }
    if (!isMarkedForFilling(data)) return;
    Fd target = openFile(data.string(), O_RDONLY | O_DIRECTORY);
    Fd root = openRoot();
    Fd found = tryOpenInRoot(root.get(), path, O_PATH | O_DIRECTORY);
    Fd source = found ? openInRoot(root.get(), path, O_RDONLY | O_DIRECTORY) : Fd();
    if (source) copyTree(source.get(), target.get());
    ::unlink(markOf(data).c_str());
}

}  // namespace devc::engine

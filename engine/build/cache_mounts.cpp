#include "engine/build/cache_mounts.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "engine/linux/fd.h"
#include "engine/linux/remove_tree.h"

namespace devc::engine::build {

namespace fs = std::filesystem;

namespace {

std::uint64_t sizeOf(const fs::path& folder) {
    std::uint64_t bytes = 0;
    std::error_code ignored;
    for (auto entry = fs::recursive_directory_iterator(folder, ignored); entry != fs::recursive_directory_iterator(); entry.increment(ignored)) {
        struct stat info {};
        if (lstat(entry->path().c_str(), &info) == 0) bytes += static_cast<std::uint64_t>(info.st_blocks) * 512;
    }
    return bytes;
}

}  // namespace

fs::path cacheMountsOf(const Host& host) { return host.stateDir / "build" / "mounts"; }

std::uint64_t pruneCacheMounts(const Host& host) {
    std::uint64_t freed = 0;
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(cacheMountsOf(host), ignored)) {
        if (!entry.is_directory(ignored)) continue;
        // The lock's file stays: another build may be about to take it.
        const Fd lock(open((entry.path().string() + ".lock").c_str(), O_RDWR | O_CLOEXEC));
        if (lock && flock(lock.get(), LOCK_EX | LOCK_NB) != 0) continue;
        const std::uint64_t bytes = sizeOf(entry.path());
        if (tryRemoveTree(entry.path())) freed += bytes;
    }
    return freed;
}

}  // namespace devc::engine::build

#include "engine/host.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>

#include "engine/digest.h"
#include "engine/error.h"

namespace devc::engine {

namespace {
std::filesystem::path folderFrom(const char* variable, const char* fallback) {
    const char* value = std::getenv(variable);
    std::filesystem::path folder = std::filesystem::absolute(value && *value ? value : fallback);
    std::filesystem::create_directories(folder.parent_path());
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) throw SystemError("create " + folder.string(), errno);
    return folder;
}
}  // namespace

Host Host::fromEnvironment() {
    std::error_code failed;
    const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe", failed);
    if (failed) throw Error::of("cannot tell where devc's programs are: /proc/self/exe: {}", failed.message()).hint("mount proc at /proc");
    return Host{
        .stateDir = folderFrom("DEVC_STATE_DIR", "/var/lib/devc"),
        .runDir = folderFrom("DEVC_RUN_DIR", "/run/devc"),
        .helpersDir = own.parent_path(),
    };
}

/// Not of its path: in other mounts, in a container say, another state directory may have the same. When it was made tells it
/// from one that had its number before, of which something may be left.
std::string Host::tag() const {
    struct statx folder {};
    if (::statx(AT_FDCWD, stateDir.c_str(), 0, STATX_INO | STATX_BTIME, &folder) != 0) throw SystemError("look at " + stateDir.string(), errno);
    return sha256Hex(fmt::format("{}:{} {} {}.{}", folder.stx_dev_major, folder.stx_dev_minor, folder.stx_ino, folder.stx_btime.tv_sec,
                                 folder.stx_btime.tv_nsec)).substr(0, 8);
}

}  // namespace devc::engine

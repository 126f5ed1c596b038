#include "engine/host.h"

#include <cerrno>
#include <cstdlib>
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

/// Not of its path: in other mounts, in a container say, another state directory may have the same.
std::string Host::tag() const {
    struct stat folder {};
    if (::stat(stateDir.c_str(), &folder) != 0) throw SystemError("look at " + stateDir.string(), errno);
    return sha256Hex(fmt::format("{}:{}", folder.st_dev, folder.st_ino)).substr(0, 8);
}

}  // namespace devc::engine

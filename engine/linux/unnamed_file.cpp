#include "engine/linux/unnamed_file.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/linux/fd.h"

namespace devc::engine {

void writeUnnamedFirst(const std::string& path, std::string_view content, unsigned mode) {
    const std::size_t end = path.rfind('/') + 1;
    const Fd folder = openFile(path.substr(0, end), O_RDONLY | O_DIRECTORY);
    const Fd file(::openat(folder.get(), ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
    if (!file) return writeFileAtomically(path, content, mode, true);
    writeAll(file.get(), content);
    if (::fchmod(file.get(), static_cast<mode_t>(mode)) != 0) throw SystemError("chmod " + path, errno);
    if (::fsync(file.get()) != 0) throw SystemError("fsync " + path, errno);
    // By way of /proc: AT_EMPTY_PATH wants a capability that nothing else here needs.
    const std::string self = "/proc/self/fd/" + std::to_string(file.get());
    if (::linkat(AT_FDCWD, self.c_str(), folder.get(), path.c_str() + end, AT_SYMLINK_FOLLOW) != 0) {
        if (errno == EEXIST) return writeFileAtomically(path, content, mode, true);
        throw SystemError("link " + path, errno);
    }
    ::fsync(folder.get());
}

}  // namespace devc::engine

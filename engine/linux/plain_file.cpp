#include "engine/linux/plain_file.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/error.h"

namespace devc::engine {

Fd tryOpenWithoutLinks(int root, const std::string& path, int flags) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_NOFOLLOW | O_CLOEXEC);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    for (;;) {
        Fd opened(static_cast<int>(::syscall(SYS_openat2, root, path.empty() ? "." : path.c_str(), &how, sizeof how)));
        if (opened || errno != EINTR) return opened;
    }
}

Fd tryReopenFile(int descriptor) {
    struct stat about{};
    if (::fstat(descriptor, &about) != 0) return {};
    errno = EINVAL;
    if (!S_ISREG(about.st_mode)) return {};
    return Fd(::open(("/proc/self/fd/" + std::to_string(descriptor)).c_str(), O_RDONLY | O_CLOEXEC));
}

std::string readAtMost(const std::string& path, std::size_t most) {
    Fd file = openFile(path, O_RDONLY | O_NOCTTY);
    std::string content;
    struct stat about{};
    if (::fstat(file.get(), &about) == 0 && about.st_size > 0) content.reserve(std::min(static_cast<std::size_t>(about.st_size), most));  // 0 in /proc
    char chunk[16384];
    for (;;) {
        ssize_t got = readSome(file.get(), chunk, sizeof chunk);
        if (got < 0) throw SystemError("read " + path, errno);
        if (got == 0) return content;
        content.append(chunk, static_cast<size_t>(got));
        if (content.size() > most) throw Error::of("{} has more than {} bytes", path, most);
    }
}

}  // namespace devc::engine

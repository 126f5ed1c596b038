#include "engine/container/container_lock.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "engine/error.h"

namespace devc::engine {

ContainerLock::ContainerLock(const Host& host, const std::string& id) {
    std::string path = host.containerDir(id).string();
    folder_ = Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder_ && errno == ENOENT) throw NotFound("No such container: " + id);
    if (!folder_) throw SystemError("open " + path, errno);
    while (::flock(folder_.get(), LOCK_EX) != 0) {
        if (errno != EINTR) throw SystemError("lock " + path, errno);
    }
    if (::access(path.c_str(), F_OK) != 0) throw NotFound("No such container: " + id);
}

}  // namespace devc::engine

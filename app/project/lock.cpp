#include "app/project/lock.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "engine/error.h"

namespace devc::app {

ProjectLock::ProjectLock(const std::filesystem::path& runDir, const std::string& project,
                         const std::function<void(const std::string&)>& waiting) {
    const std::filesystem::path folder = runDir / "projects";
    std::filesystem::create_directories(folder);
    const std::filesystem::path path = folder / (project + ".lock");
    file_ = engine::openFile(path, O_RDWR | O_CREAT);
    if (flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
        char holder[32] = {};
        const ssize_t length = pread(file_.get(), holder, sizeof holder - 1, 0);
        waiting(fmt::format("waiting for another command on project {}{}", project,
                            length > 0 ? fmt::format(" (process {})", std::string(holder, static_cast<std::size_t>(length))) : ""));
        while (flock(file_.get(), LOCK_EX) != 0)
            if (errno != EINTR) throw engine::SystemError("lock " + path.string(), errno);
    }
    const std::string self = std::to_string(getpid());
    if (ftruncate(file_.get(), 0) != 0 || pwrite(file_.get(), self.data(), self.size(), 0) < 0)
        throw engine::SystemError("write " + path.string(), errno);
}

}  // namespace devc::app

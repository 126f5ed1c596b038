#include "engine/transfer/work_lock.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/error.h"

namespace devc::engine::transfer {

namespace {

void lockNow(int file, const std::string& path, const std::function<void()>& waiting) {
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) return;
    waiting();
    while (::flock(file, LOCK_EX) != 0)
        if (errno != EINTR) throw SystemError("lock " + path, errno);
}

/// Whether the name still leads to this file: who had it before may have removed it.
bool isCurrent(int file, const std::string& path) {
    struct stat opened {}, named {};
    return ::fstat(file, &opened) == 0 && ::stat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

}  // namespace

WorkLock::WorkLock(const std::filesystem::path& folder, const std::string& name, const std::function<void()>& waiting) : path_((folder / name).string()) {
    do {
        file_ = openFile(path_, O_RDWR | O_CREAT, 0600);
        lockNow(file_.get(), path_, waiting);
    } while (!isCurrent(file_.get(), path_));
}

WorkLock::~WorkLock() { ::unlink(path_.c_str()); }

}  // namespace devc::engine::transfer

#include "engine/linux/fd.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/linux/plain_file.h"

namespace devc::engine {

void Fd::reset() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
}

Fd openFile(const std::string& path, int flags, unsigned mode) {
    int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, static_cast<mode_t>(mode));
    if (descriptor < 0) throw SystemError("open " + path, errno);
    return Fd(descriptor);
}

std::string readFile(const std::string& path) { return readAtMost(path, std::string::npos); }

ssize_t readSome(int descriptor, void* to, size_t most) {
    for (;;) {
        const ssize_t got = ::read(descriptor, to, most);
        if (got >= 0 || errno != EINTR) return got;
    }
}

void writeAll(int descriptor, std::string_view data) {
    while (!data.empty()) {
        ssize_t put = ::write(descriptor, data.data(), data.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) throw SystemError("write", errno);
        data.remove_prefix(static_cast<size_t>(put));
    }
}

namespace {

/// Fills `file`, which is `aside`, and gives it its name. On failure it is gone.
void fillAndRename(const Fd& file, const std::string& aside, const std::string& path, std::string_view content, unsigned mode, bool durable) {
    try {
        writeAll(file.get(), content);
        if (::fchmod(file.get(), static_cast<mode_t>(mode)) != 0) throw SystemError("chmod " + aside, errno);
        if (durable && ::fsync(file.get()) != 0) throw SystemError("fsync " + aside, errno);
        if (::rename(aside.c_str(), path.c_str()) != 0) throw SystemError("rename " + aside + " to " + path, errno);
    } catch (...) {
        ::unlink(aside.c_str());
        throw;
    }
}

}  // namespace

void replaceFile(const std::string& path, std::string_view content, unsigned mode) {
    const std::string aside = path + ".new";
    fillAndRename(openFile(aside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW), aside, path, content, mode, false);
}

void writeFileAtomically(const std::string& path, std::string_view content, unsigned mode, bool durable) {
    std::string aside = path + ".XXXXXX";
    Fd file(::mkostemp(aside.data(), O_CLOEXEC));
    if (!file) throw SystemError("create " + aside, errno);
    fillAndRename(file, aside, path, content, mode, durable);
    if (durable) {
        Fd folder = openFile(path.substr(0, path.rfind('/') + 1), O_RDONLY | O_DIRECTORY);
        ::fsync(folder.get());
    }
}

}  // namespace devc::engine

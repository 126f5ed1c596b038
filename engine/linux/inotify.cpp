#include "engine/linux/inotify.h"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/timestamp.h"

namespace devc::engine {

Watch::Watch() : inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    if (!inotify_) {
        throw SystemError("watch files (inotify)", errno).hint("raise the sysctl fs.inotify.max_user_instances");
    }
}

bool Watch::add(const std::string& path, std::uint32_t events) {
    if (::inotify_add_watch(inotify_.get(), path.c_str(), events) >= 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    SystemError error("watch " + path, errno);
    if (error.code() == ENOSPC) error.hint("raise the sysctl fs.inotify.max_user_watches");
    throw error;
}

bool Watch::wait(std::optional<std::int64_t> until, const std::vector<int>& others) {
    std::vector<pollfd> polled{{inotify_.get(), POLLIN, 0}};
    for (int other : others) polled.push_back({other, POLLIN, 0});
    for (;;) {
        timespec timeout{};
        if (until) {
            std::int64_t left = std::max<std::int64_t>(0, *until - momentNow());
            timeout = {left / 1'000'000'000, left % 1'000'000'000};
        }
        int ready = ::ppoll(polled.data(), polled.size(), until ? &timeout : nullptr, nullptr);
        if (ready < 0 && errno == EINTR) continue;
        if (ready < 0) throw SystemError("wait for changes of files", errno);
        if (ready == 0) return false;
        char events[16384];
        while (::read(inotify_.get(), events, sizeof events) > 0) {
        }
        return true;
    }
}

}  // namespace devc::engine

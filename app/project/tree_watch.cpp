#include "app/project/tree_watch.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "engine/error.h"

namespace devc::app {

namespace fs = std::filesystem;

namespace {

constexpr std::uint32_t changes = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_EXCL_UNLINK;
constexpr int quietMilliseconds = 100;
constexpr std::chrono::seconds longestBatch(1);

bool waitFor(int descriptor, int stop, int milliseconds, bool& stopped) {
    std::array<pollfd, 2> polled{{{descriptor, POLLIN, 0}, {stop, POLLIN, 0}}};
    const int ready = ::poll(polled.data(), polled.size(), milliseconds);
    if (ready < 0 && errno != EINTR) throw engine::SystemError("poll", errno);
    stopped = polled[1].revents != 0;
    return polled[0].revents != 0;
}

}  // namespace

TreeWatch::TreeWatch() : inotify_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    if (!inotify_) throw engine::SystemError("watch files", errno);
}

void TreeWatch::add(const std::string& path, const std::function<bool(const std::string&)>& skip) {
    skip_ = skip;
    roots_.insert(path);
    // Watched by its folder: editors put a new file in its place, bundlers and checkouts a new folder.
    fs::path start = fs::path(path).parent_path();
    while (!fs::is_directory(start)) start = start.parent_path();
    starts_.insert(start.string());
    addFolder(start.string(), nullptr);
}

void TreeWatch::addFolder(const std::string& path, std::set<std::string>* found) {
    const int watch = inotify_add_watch(inotify_.get(), path.c_str(), changes | IN_ONLYDIR | IN_DONT_FOLLOW);
    if (watch < 0) {
        if (errno == ENOSPC) throw engine::Error("too many folders to watch").hint("raise fs.inotify.max_user_watches, or `ignore` large folders");
        if (errno == ENOENT || errno == ENOTDIR) return;  // it is gone again
        throw engine::SystemError("watch " + path, errno);
    }
    folders_[watch] = path;
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator(path, gone)) {
        const std::string child = entry.path().string();
        const bool folder = entry.is_directory(gone) && !entry.is_symlink(gone);
        if (folder && !skip_(child)) addFolder(child, found);
        if (!folder && found != nullptr) found->insert(child);
    }
}

void TreeWatch::read(std::set<std::string>& changed) {
    alignas(inotify_event) std::array<char, 65536> buffer;
    for (ssize_t length; (length = ::read(inotify_.get(), buffer.data(), buffer.size())) > 0;) {
        for (ssize_t at = 0; at < length;) {
            const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
            at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
            if ((event->mask & IN_Q_OVERFLOW) != 0) {
                for (const std::string& start : starts_) addFolder(start, &changed);
                continue;
            }
            const auto folder = folders_.find(event->wd);
            if (folder == folders_.end()) continue;
            if ((event->mask & IN_IGNORED) != 0) {
                folders_.erase(folder);
                continue;
            }
            if (event->len == 0) continue;
            const std::string path = folder->second + "/" + event->name;
            const bool isFolder = (event->mask & IN_ISDIR) != 0;
            if (isFolder && (event->mask & (IN_CREATE | IN_MOVED_TO)) != 0) {
                if (!skip_(path)) addFolder(path, &changed);
            } else if (!isFolder || ((event->mask & (IN_DELETE | IN_MOVED_FROM)) != 0 && !roots_.contains(path))) {
                changed.insert(path);
            }
        }
    }
}

std::set<std::string> TreeWatch::next(int stop) {
    using Clock = std::chrono::steady_clock;
    std::set<std::string> changed;
    Clock::time_point end;
    bool stopped = false;
    for (;;) {
        const bool isFirst = changed.empty();
        const bool more = waitFor(inotify_.get(), stop, isFirst ? -1 : quietMilliseconds, stopped);
        if (stopped) return {};
        if (more) read(changed);
        if (changed.empty()) continue;
        if (isFirst) end = Clock::now() + longestBatch;
        else if (!more || Clock::now() >= end) return changed;
    }
}

}  // namespace devc::app

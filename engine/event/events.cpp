#include "engine/event/events.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/linux/inotify.h"
#include "engine/linux/process.h"
#include "engine/timestamp.h"

namespace devc::engine {

namespace {

constexpr off_t rotationSize = 4 << 20;

std::string pathOf(const Host& host) { return (host.runDir / "events").string(); }
std::string rotatedPathOf(const Host& host) { return (host.runDir / "events.1").string(); }

std::string encode(const Event& event) {
    nlohmann::json line = {{"time", event.time}, {"type", event.type}, {"action", event.action},
                           {"id", event.id}, {"attributes", event.attributes}};
    return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

/// Nothing for a line that is not an event: what a writer left that died in the middle of one.
std::optional<Event> decode(std::string_view line) {
    nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object()) return {};
    try {
        return Event{json.at("time").get<std::string>(), json.at("type").get<std::string>(),
                     json.at("action").get<std::string>(), json.at("id").get<std::string>(),
                     json.at("attributes").get<std::map<std::string, std::string>>()};
    } catch (const nlohmann::json::exception&) {
        return {};
    }
}

bool areSame(const struct stat& a, const struct stat& b) { return a.st_ino == b.st_ino && a.st_dev == b.st_dev; }

/// As long as `file` is open its inode is no other file's.
bool isStill(const Fd& file, const std::string& path) {
    struct stat open{}, named{};
    return ::fstat(file.get(), &open) == 0 && ::stat(path.c_str(), &named) == 0 && areSame(open, named);
}

/// Shared by those who write: the file is renamed when nobody does, and has its last line then.
Fd openToAppend(const Host& host) {
    for (;;) {
        Fd file = openFile(pathOf(host), O_RDWR | O_APPEND | O_CREAT, 0600);
        while (::flock(file.get(), LOCK_SH) != 0) {
            if (errno != EINTR) throw SystemError("lock " + pathOf(host), errno);
        }
        if (isStill(file, pathOf(host))) return file;
    }
}

/// A writer died, or the disk was full, in the middle of the last line. One that is being written now only looks so.
bool endsWithin(const Fd& file) {
    struct stat status{};
    char last = '\n';
    if (::fstat(file.get(), &status) == 0 && status.st_size > 0) (void)!::pread(file.get(), &last, 1, status.st_size - 1);
    return last != '\n';
}

void rotateIfLarge(const Fd& file, const Host& host) {
    struct stat status{};
    if (::fstat(file.get(), &status) != 0 || status.st_size < rotationSize) return;
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return;
    if (isStill(file, pathOf(host))) ::rename(pathOf(host).c_str(), rotatedPathOf(host).c_str());
}

/// Reads whole lines from where it stopped the last time.
class LineSource {
public:
    explicit LineSource(Fd file) : file_(std::move(file)) {}
    bool isNamed(const std::string& path) const { return isStill(file_, path); }
    bool isSameAs(const LineSource& other) const {
        struct stat own{}, others{};
        return ::fstat(file_.get(), &own) == 0 && ::fstat(other.file_.get(), &others) == 0 && areSame(own, others);
    }
    void skipToEnd() { ::lseek(file_.get(), 0, SEEK_END); }
    /// False if `sink` returned false.
    bool readTo(const std::function<bool(std::string_view)>& sink) {
        char chunk[65536];
        ssize_t got;
        while ((got = ::read(file_.get(), chunk, sizeof chunk)) > 0) {
            pending_.append(chunk, static_cast<size_t>(got));
            size_t begin = 0;
            for (size_t end; (end = pending_.find('\n', begin)) != std::string::npos; begin = end + 1) {
                if (!sink(std::string_view(pending_).substr(begin, end - begin))) return false;
            }
            pending_.erase(0, begin);
        }
        return true;
    }

private:
    Fd file_;
    std::string pending_;
};

/// The file that is written to, and the one before it if there is one.
struct Sources {
    std::optional<LineSource> before;
    LineSource current;
};

Sources openSources(const Host& host) {
    for (;;) {
        LineSource current(openFile(pathOf(host), O_RDONLY | O_CREAT, 0600));
        std::optional<LineSource> before;
        if (Fd rotated(::open(rotatedPathOf(host).c_str(), O_RDONLY | O_CLOEXEC)); rotated) before.emplace(std::move(rotated));
        if (current.isNamed(pathOf(host))) return {std::move(before), std::move(current)};
    }
}

}  // namespace

Events::Events(const Host& host) : host_(host) {}

void Events::append(const Event& event) {
    const Fd file = openToAppend(host_);
    // One write of a whole line to a file in append mode: lines of several processes do not mix.
    writeAll(file.get(), (endsWithin(file) ? "\n" : "") + encode(event));
    rotateIfLarge(file, host_);
}

void Events::follow(const std::string& since, const std::string& until, const std::function<bool(const Event&)>& sink, int stop) {
    std::int64_t now = momentNow();
    std::string from = since.empty() ? "" : formatMoment(parseMoment(since, now));
    std::optional<std::int64_t> end;
    if (!until.empty()) end = parseMoment(until, now);
    std::string last = end ? formatMoment(*end) : "";
    auto pass = [&](std::string_view line) {
        std::optional<Event> event = decode(line);
        if (!event || event->time < from) return true;
        if (!last.empty() && event->time > last) return true;  // earlier ones may follow: written later, or after the clock was set back
        return sink(*event);
    };

    std::vector<int> others;
    if (stop >= 0) others.push_back(stop);
    Watch watch;
    watch.add(host_.runDir.string(), IN_CREATE | IN_MOVED_TO | IN_MODIFY);
    Sources sources = openSources(host_);
    LineSource current = std::move(sources.current);
    if (since.empty()) current.skipToEnd();
    else if (sources.before && !sources.before->readTo(pass)) return;
    for (;;) {
        // Looked at first: a file that was renamed by then has its last line.
        const bool isCurrent = current.isNamed(pathOf(host_)), isOver = end && momentNow() >= *end;
        if (!current.readTo(pass)) return;
        if (!isCurrent) {
            sources = openSources(host_);
            // Another one than was read here: it came and went meanwhile.
            if (sources.before && !sources.before->isSameAs(current) && !sources.before->readTo(pass)) return;
            current = std::move(sources.current);
            continue;
        }
        if (isOver || !watch.wait(end, others) || (stop >= 0 && waitReadable(stop, 0))) return;
    }
}

}  // namespace devc::engine

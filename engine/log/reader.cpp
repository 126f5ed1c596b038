#include "engine/log/reader.h"

#include <algorithm>
#include <sys/inotify.h>
#include <vector>

#include "engine/linux/inotify.h"
#include "engine/log/files.h"
#include "engine/timestamp.h"

namespace devc::engine {

namespace {

void seekToTail(std::vector<LogFile>& files, std::int64_t lines) {
    for (size_t i = files.size(); i-- > 0;) {
        if (lines > 0) files[i].startAt(files[i].offsetOfLast(lines));
        else files[i].skip();
    }
}

/// Decides which entries of the range go on, and when it is over.
class Filter {
public:
    Filter(const LogRange& range, const LogReader::Sink& sink)
        : since_(range.since == std::numeric_limits<std::int64_t>::min() ? "" : formatMoment(range.since)),
          until_(range.until == std::numeric_limits<std::int64_t>::max() ? "" : formatMoment(range.until)),
          sink_(sink) {}

    bool operator()(std::string_view line) {
        std::optional<LogEntry> entry = decodeLogEntry(line, storage_);
        if (!entry) return true;
        if (!since_.empty() && isBefore(entry->time, since_)) return true;
        if (!until_.empty() && isBefore(until_, entry->time)) return false;
        return sink_(*entry);
    }

private:
    /// Times in UTC compare as text, but for trailing zeros of the fraction that docker leaves out.
    static bool isBefore(std::string_view a, std::string_view b) {
        return a.substr(0, a.find('Z')) < b.substr(0, b.find('Z')) && !isSame(a, b);
    }
    static bool isSame(std::string_view a, std::string_view b) { return withoutZeros(a) == withoutZeros(b); }
    static std::string_view withoutZeros(std::string_view time) {
        time = time.substr(0, time.find('Z'));
        if (time.find('.') == std::string_view::npos) return time;
        while (time.ends_with('0')) time.remove_suffix(1);
        if (time.ends_with('.')) time.remove_suffix(1);
        return time;
    }

    std::string since_, until_;
    const LogReader::Sink& sink_;
    std::string storage_;
};

/// Reads on after a rotation: the rest of the file that is open, then those that came after it.
bool catchUp(LogFile& current, const std::string& path, Filter& filter) {
    auto pass = [&](std::string_view line) { return filter(line); };
    if (!current.readLines(pass)) return false;
    while (!current.isNamed(path)) {
        // It may be path.1, path.2.gz by now: what is newer than it follows.
        std::vector<LogFile> files = openLogFiles(path);
        auto known = std::find_if(files.rbegin(), files.rend(), [&](const LogFile& file) { return file.isSameAs(current); });
        if (known == files.rbegin()) return true;
        if (!current.readLines(pass)) return false;  // it was written to until the next one was made
        for (auto next = known.base(); next != files.end(); ++next) {
            current = std::move(*next);
            if (!current.readLines(pass)) return false;
        }
    }
    return true;
}

}  // namespace

void LogReader::read(const LogRange& range, const Sink& sink) {
    std::vector<LogFile> files = openLogFiles(path_);
    if (range.tail) seekToTail(files, *range.tail);
    Filter filter(range, sink);
    for (LogFile& file : files) {
        if (!file.readLines([&](std::string_view line) { return filter(line); })) return;
    }
}

void LogReader::follow(const LogRange& range, const Life& life, const Sink& sink) {
    Watch watch;
    watch.add(path_.substr(0, path_.rfind('/')), IN_CREATE | IN_MOVED_TO | IN_MODIFY | IN_DELETE_SELF);
    watch.add(life.folder, IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF);
    std::vector<LogFile> files = openLogFiles(path_);
    if (range.tail) seekToTail(files, *range.tail);
    Filter filter(range, sink);
    auto pass = [&](std::string_view line) { return filter(line); };
    for (LogFile& file : files) {
        if (!file.readLines(pass)) return;
    }
    std::optional<LogFile> current;
    if (!files.empty()) current = std::move(files.back());
    std::optional<std::int64_t> until;
    if (range.until != std::numeric_limits<std::int64_t>::max()) until = range.until;
    for (;;) {
        bool ended = life.ended();
        std::vector<int> others;
        if (int monitor = life.monitor(); monitor >= 0) others.push_back(monitor);
        if (!current) {
            if (files = openLogFiles(path_); !files.empty()) current = std::move(files.front());
        }
        if (current && !catchUp(*current, path_, filter)) return;
        if (ended) return;
        if (life.caughtUp) life.caughtUp();
        if (!watch.wait(until, others)) return;
    }
}

}  // namespace devc::engine

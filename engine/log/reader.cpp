#include "engine/log/reader.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "engine/error.h"
#include "engine/linux/fd.h"
#include "engine/linux/inotify.h"
#include "engine/log/gzip.h"
#include "engine/timestamp.h"

namespace devc::engine {

namespace {

constexpr size_t chunkSize = 256 << 10;

/// An open log file, read line by line from wherever it stands; remembers the incomplete line at its end. A compressed one is
/// unpacked when it is first looked into.
class LogFile {
public:
    LogFile(Fd file, std::string packedIn) : file_(std::move(file)), folder_(std::move(packedIn)) {
        struct stat about{};
        if (::fstat(file_.get(), &about) == 0) inode_ = about.st_ino;
        if (!folder_.empty()) inode_ = inodeOfCompressed(file_.get()).value_or(0);
    }

    /// Whether the file was, before it was compressed, the same as the other.
    bool isSameAs(const LogFile& other) const { return inode_ == other.inode_; }
    bool is(const std::string& path) const {
        struct stat named{};
        return ::stat(path.c_str(), &named) == 0 && inode_ == named.st_ino;
    }
    std::int64_t size() {
        unpack();
        struct stat status{};
        return ::fstat(file_.get(), &status) == 0 ? status.st_size : 0;
    }
    void startAt(std::int64_t offset) { ::lseek(file_.get(), offset, SEEK_SET); }
    /// Nothing that it has now is read.
    void skip() {
        if (folder_.empty()) startAt(size());
        else isSkipped_ = true;
    }

    /// False if `line` returned false.
    template <typename Line>
    bool readLines(const Line& line) {
        if (isSkipped_) return true;
        unpack();
        for (;;) {
            size_t kept = buffer_.size();
            buffer_.resize(kept + chunkSize);
            ssize_t got = readSome(file_.get(), buffer_.data() + kept, chunkSize);
            buffer_.resize(kept + static_cast<size_t>(std::max<ssize_t>(got, 0)));
            if (got < 0) throw SystemError("read the log", errno);
            if (got == 0) return true;
            size_t begin = 0;
            std::string_view all = buffer_;
            for (size_t end; (end = all.find('\n', begin)) != std::string_view::npos; begin = end + 1) {
                if (!line(all.substr(begin, end - begin))) return false;
            }
            buffer_.erase(0, begin);
        }
    }

    /// Where the last `count` lines begin; `count` is reduced by the lines that the file has.
    std::int64_t offsetOfLast(std::int64_t& count) {
        std::vector<char> chunk(chunkSize);
        std::int64_t end = size();
        bool beforeLastNewline = true;
        for (std::int64_t position = end; position > 0;) {
            auto length = static_cast<size_t>(std::min<std::int64_t>(position, chunkSize));
            position -= static_cast<std::int64_t>(length);
            ssize_t got = ::pread(file_.get(), chunk.data(), length, position);
            if (got < static_cast<ssize_t>(length)) return 0;
            for (size_t i = length; i-- > 0;) {
                if (chunk[i] != '\n') {
                    beforeLastNewline = false;
                    continue;
                }
                if (std::exchange(beforeLastNewline, false)) continue;
                if (--count == 0) return position + static_cast<std::int64_t>(i) + 1;
            }
        }
        if (end > 0) --count;
        return 0;
    }

private:
    void unpack() {
        if (folder_.empty()) return;
        file_ = decompressLog(file_.get(), folder_);
        folder_.clear();
    }

    Fd file_;
    std::string folder_;  ///< of a file that is still compressed
    std::uint64_t inode_ = 0;
    bool isSkipped_ = false;
    std::string buffer_;
};

/// The file `name` or its compressed form.
std::optional<LogFile> openLog(const std::string& name) {
    for (const char* suffix : {"", ".gz"}) {
        Fd file(::open((name + suffix).c_str(), O_RDONLY | O_CLOEXEC));
        if (file) return LogFile(std::move(file), *suffix ? name.substr(0, name.rfind('/')) : "");
        if (errno != ENOENT) throw SystemError("open the log " + name, errno);
    }
    return {};
}

/// Files that exist now, oldest first.
std::vector<LogFile> openAll(const std::string& path) {
    std::vector<LogFile> files;
    for (int number = 0;; ++number) {
        std::string name = number == 0 ? path : fmt::format("{}.{}", path, number);
        if (std::optional<LogFile> file = openLog(name)) {
            files.push_back(std::move(*file));
        } else if (number > 0) {  // between the two renames of a rotation there is no current file
            break;
        }
    }
    std::reverse(files.begin(), files.end());
    return files;
}

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
    while (!current.is(path)) {
        // It may be path.1, path.2.gz by now: what is newer than it follows.
        std::vector<LogFile> files = openAll(path);
        if (files.empty()) return true;
        size_t next = 0;
        for (size_t i = 0; i < files.size(); ++i) {
            if (current.isSameAs(files[i])) next = i + 1;
        }
        if (next >= files.size()) return true;
        if (!current.readLines(pass)) return false;
        current = std::move(files[next]);
        if (!current.readLines(pass)) return false;
    }
    return current.readLines(pass);
}

}  // namespace

void LogReader::read(const LogRange& range, const Sink& sink) {
    std::vector<LogFile> files = openAll(path_);
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
    std::vector<LogFile> files = openAll(path_);
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
            current = openLog(path_);
        }
        if (current && !catchUp(*current, path_, filter)) return;
        if (ended) return;
        if (life.caughtUp) life.caughtUp();
        if (!watch.wait(until, others)) return;
    }
}

}  // namespace devc::engine

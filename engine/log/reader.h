#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace devc::engine {

/// One entry of a log in docker's json-file format: {"log":"text\n","stream":"stdout","time":"2026-..."}.
/// A line longer than 16 KiB is several entries, the last of them with the newline.
struct LogEntry {
    std::string_view time;
    bool fromStderr = false;
    std::string_view text;
};

/// Decodes one line of the file (without its newline); views point into `line` or into `storage`.
/// Nothing for a line that is no entry.
std::optional<LogEntry> decodeLogEntry(std::string_view line, std::string& storage);

struct LogRange {
    std::optional<std::int64_t> tail;  ///< only the last so many entries
    std::int64_t since = std::numeric_limits<std::int64_t>::min();  ///< nanoseconds since the epoch, both inclusive
    std::int64_t until = std::numeric_limits<std::int64_t>::max();
};

/// Reads the log of a container, rotated files (path.2, path.1, path: oldest first, also as path.2.gz) included.
class LogReader {
public:
    using Sink = std::function<bool(const LogEntry&)>;

    explicit LogReader(std::string path) : path_(std::move(path)) {}

    /// Calls `sink` for each entry in order until it returns false.
    void read(const LogRange&, const Sink& sink);

    /// What else is waited for while following: a folder in which something changes when the container ends, and a
    /// descriptor that becomes readable then (its monitor's pidfd).
    struct Life {
        std::string folder;
        std::function<bool()> ended;   ///< asked after every wake-up; what was written before it said true is still read
        std::function<int()> monitor;  ///< asked after ended(): the descriptor, or -1
        std::function<void()> caughtUp = {};  ///< called before each wait for more; may be empty
    };
    /// The same, then waits for more (inotify) until the container has ended, `until` passes or `sink` returns false.
    void follow(const LogRange&, const Life&, const Sink& sink);

private:
    std::string path_;
};

}  // namespace devc::engine

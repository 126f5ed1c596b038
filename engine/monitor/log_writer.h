#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/linux/fd.h"
#include "engine/log/settings.h"
#include "engine/monitor/line_splitter.h"

namespace devc::engine {

/// Writes a container's output in docker's json-file format (see engine/log/reader.h), one entry a line; lines longer than
/// 16 KiB are split. Files: path, path.1, ..., or
/// path.1.gz, ... A full disk loses log entries, never the container.
class LogWriter {
public:
    /// `attributes` go with each entry if the settings want that.
    LogWriter(const LogFileSettings& settings, const std::map<std::string, std::string>& attributes, std::string path);

    /// Output of the container as it came, 0: stdout, 1: stderr. `moment`: nanoseconds since the epoch.
    void write(int stream, std::string_view data, std::int64_t moment);
    /// What is left of a line without end, when the stream has ended.
    void finish(int stream, std::int64_t moment);

private:
    void append(std::string& out, int stream, std::string_view text, std::string_view time) const;
    void put(const std::string& entries);
    void rotate();
    void open();

    std::string path_, attributes_;
    std::uint64_t maximumSize_, size_ = 0;
    unsigned maximumFiles_;
    bool compress_;
    Fd file_;
    LineSplitter lines_[2];
};

}  // namespace devc::engine

#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/linux/fd.h"

namespace devc::engine {

/// An open file of a log, read line by line from wherever it stands; remembers the incomplete line at its end. A compressed
/// one is unpacked when it is first looked into.
class LogFile {
public:
    /// `folder`: where a compressed file is unpacked, without a name; empty: it is not compressed.
    LogFile(Fd file, std::string folder);

    /// Whether it is the same file as the other, or what the other was compressed to.
    bool isSameAs(const LogFile& other) const {
        return inode_ == other.inode_ || (isCompressed() && !other.isCompressed() && identity_ == other.identity_);
    }
    bool isCompressed() const { return !folder_.empty(); }
    bool isNamed(const std::string& path) const;
    /// Whether it has a name no more: it was compressed, or was the oldest.
    bool isUnlinked() const;

    /// Bytes, of a compressed file those that it holds.
    std::int64_t size();
    void startAt(std::int64_t offset);
    /// Nothing that it has now is read.
    void skip();
    /// Where the last `count` lines begin; `count` is reduced by the lines that the file has.
    std::int64_t offsetOfLast(std::int64_t& count);

    /// Calls `line` with each complete line that is there now, without its newline; false if `line` returned false. Throws
    /// SystemError.
    template <typename Line>
    bool readLines(const Line& line) {
        while (readMore()) {
            size_t begin = 0;
            std::string_view all = buffer_;
            for (size_t end; (end = all.find('\n', begin)) != std::string_view::npos; begin = end + 1) {
                if (!line(all.substr(begin, end - begin))) return false;
            }
            buffer_.erase(0, begin);
        }
        return true;
    }

private:
    bool readMore();
    int content();

    Fd file_;  ///< open as long as this is, so no other file gets its inode
    Fd unpacked_;
    std::string folder_;
    std::uint64_t inode_ = 0;
    std::string identity_;  ///< of a compressed file that of what was compressed
    bool isSkipped_ = false;
    std::string buffer_;
};

/// The files of the log (path.2.gz, path.1, path), oldest first. They may be renamed and compressed meanwhile: each that was
/// there at the start and still is at the end is among them, once.
std::vector<LogFile> openLogFiles(const std::string& path);

}  // namespace devc::engine

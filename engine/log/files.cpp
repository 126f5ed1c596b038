#include "engine/log/files.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/log/gzip.h"

namespace devc::engine {

namespace {

constexpr size_t chunkSize = 256 << 10;

/// The file `name` or its compressed form.
std::optional<LogFile> openNamed(const std::string& name) {
    for (const char* suffix : {"", ".gz"}) {
        Fd file(::open((name + suffix).c_str(), O_RDONLY | O_CLOEXEC));
        if (file) return LogFile(std::move(file), *suffix ? name.substr(0, name.rfind('/')) : "");
        if (errno != ENOENT) throw SystemError("open the log " + name, errno);
    }
    return {};
}

/// The number of the oldest file: 2 for path.2.gz.
int oldestOf(const std::string& path) {
    const std::filesystem::path file = path;
    const std::string prefix = file.filename().string() + ".";
    int oldest = 0;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(file.parent_path(), none)) {
        const std::string name = entry.path().filename().string();
        int number = 0;
        if (name.starts_with(prefix)) std::from_chars(name.data() + prefix.size(), name.data() + name.size(), number);
        oldest = std::max(oldest, number);
    }
    return oldest;
}

/// A file that was seen under one name may be met once more under an older one, and what was found between was made
/// meanwhile: the last place of each is the right one.
void add(std::vector<LogFile>& newestFirst, LogFile file) {
    auto known = std::find_if(newestFirst.begin(), newestFirst.end(), [&](const LogFile& seen) {
        return file.isSameAs(seen) && (file.isCompressed() == seen.isCompressed() || seen.isUnlinked());
    });
    if (known == newestFirst.end()) {
        newestFirst.push_back(std::move(file));
    } else {
        std::rotate(known, known + 1, newestFirst.end());
        newestFirst.back() = std::move(file);
    }
}

}  // namespace

LogFile::LogFile(Fd file, std::string folder) : file_(std::move(file)), folder_(std::move(folder)) {
    struct stat about{};
    if (::fstat(file_.get(), &about) == 0) inode_ = about.st_ino;
    identity_ = isCompressed() ? identityOfCompressed(file_.get()) : identityOf(file_.get());
}

bool LogFile::isNamed(const std::string& path) const {
    struct stat named{};
    return ::stat(path.c_str(), &named) == 0 && inode_ == named.st_ino;
}

bool LogFile::isUnlinked() const {
    struct stat about{};
    return ::fstat(file_.get(), &about) == 0 && about.st_nlink == 0;
}

int LogFile::content() {
    if (!isCompressed()) return file_.get();
    if (!unpacked_) unpacked_ = decompressLog(file_.get(), folder_);
    return unpacked_.get();
}

std::int64_t LogFile::size() {
    struct stat status{};
    return ::fstat(content(), &status) == 0 ? status.st_size : 0;
}

void LogFile::startAt(std::int64_t offset) { ::lseek(content(), offset, SEEK_SET); }

void LogFile::skip() {
    if (isCompressed()) isSkipped_ = true;
    else startAt(size());
}

bool LogFile::readMore() {
    if (isSkipped_) return false;
    size_t kept = buffer_.size();
    buffer_.resize(kept + chunkSize);
    ssize_t got = readSome(content(), buffer_.data() + kept, chunkSize);
    buffer_.resize(kept + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0) throw SystemError("read the log", errno);
    return got > 0;
}

std::int64_t LogFile::offsetOfLast(std::int64_t& count) {
    std::vector<char> chunk(chunkSize);
    std::int64_t end = size();
    bool beforeLastNewline = true;
    for (std::int64_t position = end; position > 0;) {
        auto length = static_cast<size_t>(std::min<std::int64_t>(position, chunkSize));
        position -= static_cast<std::int64_t>(length);
        ssize_t got = ::pread(content(), chunk.data(), length, position);
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

std::vector<LogFile> openLogFiles(const std::string& path) {
    // A rotation renames from the oldest on, so that a file moves only towards older names: who looks at these one after the
    // other, from the newest on, meets each file at least once, though a name may be missing for a moment.
    std::vector<LogFile> files;
    int oldest = oldestOf(path);
    for (int number = 0;; ++number) {
        std::optional<LogFile> file = openNamed(number == 0 ? path : fmt::format("{}.{}", path, number));
        if (file) add(files, std::move(*file));
        else if (number > oldest && number > (oldest = oldestOf(path))) break;
    }
    std::reverse(files.begin(), files.end());
    return files;
}

}  // namespace devc::engine

#include "engine/build/epoch.h"

#include <ctime>
#include <fcntl.h>
#include <sys/stat.h>

namespace devc::engine::build {

namespace {
void clampOne(const std::filesystem::path& path, std::int64_t seconds) {
    struct stat info {};
    if (lstat(path.c_str(), &info) != 0 || info.st_mtim.tv_sec < seconds) return;
    const timespec times[2] = {{seconds, 0}, {seconds, 0}};
    utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW);
}
}  // namespace

void clampTimes(const std::filesystem::path& folder, std::int64_t seconds) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, ignored)) clampOne(entry.path(), seconds);
    clampOne(folder, seconds);
}

std::string formatTime(std::int64_t seconds) {
    const std::time_t time = seconds;
    std::tm parts{};
    gmtime_r(&time, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

}  // namespace devc::engine::build

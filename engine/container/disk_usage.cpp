#include "engine/container/disk_usage.h"

#include <fts.h>
#include <memory>
#include <set>
#include <string>
#include <sys/stat.h>

namespace devc::engine {

std::uint64_t diskUsage(const std::filesystem::path& folder) {
    std::string root = folder.string();
    char* const roots[] = {root.data(), nullptr};
    std::unique_ptr<FTS, int (*)(FTS*)> walk(::fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, nullptr), ::fts_close);
    if (!walk) return 0;
    std::uint64_t bytes = 0;
    std::set<std::pair<dev_t, ino_t>> seen;
    while (const FTSENT* entry = ::fts_read(walk.get())) {
        if (entry->fts_info != FTS_F && entry->fts_info != FTS_SL) continue;
        const struct stat& status = *entry->fts_statp;
        if (status.st_nlink > 1 && !seen.emplace(status.st_dev, status.st_ino).second) continue;
        bytes += static_cast<std::uint64_t>(status.st_size);
    }
    return bytes;
}

}  // namespace devc::engine

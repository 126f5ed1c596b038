#pragma once
#include <cstdint>
#include <filesystem>
#include <future>
#include <mutex>
#include <string>
#include <unordered_map>

#include <sys/stat.h>

namespace devc::engine::build {

/// Remembers the digests of a folder's files between builds, by inode, size and times, so that an unchanged file is never
/// read again. A file that changed a moment ago is not remembered: it could change again unseen. Safe from several threads.
class DigestIndex {
public:
    /// Begins to read the index of `folder` kept under `store`; a missing or damaged one is empty.
    DigestIndex(const std::filesystem::path& store, const std::filesystem::path& folder);
    /// Writes it if something was added. Failing to is no error: the next build reads files again.
    ~DigestIndex();
    DigestIndex(const DigestIndex&) = delete;

    /// The digest, or empty.
    std::string find(const std::string& path, const struct stat& info) const;
    void put(const std::string& path, const struct stat& info, const std::string& digest);

private:
    struct Entry {
        std::uint64_t inode = 0;
        std::int64_t size = 0, modified = 0, changed = 0;
        std::string digest;
    };
    static Entry entryOf(const struct stat& info);
    void load();
    /// Waits until it was read.
    std::unique_lock<std::mutex> loaded() const;

    std::filesystem::path file_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, Entry> entries_;
    std::int64_t opened_ = 0;
    bool dirty_ = false;
    mutable std::future<void> loading_;  ///< last: what it fills outlives it
};

}  // namespace devc::engine::build

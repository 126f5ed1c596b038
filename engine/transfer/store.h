#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "engine/digest.h"
#include "engine/linux/fd.h"
#include "engine/linux/own_folder.h"
#include "engine/transfer/unpack.h"

namespace devc::engine::transfer {

/// 64 lower-case hexadecimal digits of "sha256:...". Throws Error for every other digest: it would become a file name.
std::string digestHex(std::string_view digest);
bool isDigest(std::string_view text);

/// The folders of the store and one transfer's own folder, below <state>/tmp, for what is not complete.
/// Blobs and layers appear in the store by rename only, after they were verified and flushed to the disk.
class Store {
public:
    explicit Store(const std::filesystem::path& stateDir);

    std::filesystem::path blob(std::string_view digest) const;
    bool hasBlob(std::string_view digest, std::uint64_t size) const;
    /// A small blob (manifest, configuration), verified against its name. Throws Error when it is larger than `limit`.
    std::string readBlob(std::string_view digest, std::uint64_t limit) const;
    void addBlob(std::string_view digest, std::string_view content);
    /// Renames a flushed file of the own folder to its place; flushNames() makes that last.
    void adoptBlob(const std::filesystem::path& file, std::string_view digest);

    std::filesystem::path layer(const std::string& chainId) const;
    bool hasLayer(const std::string& chainId) const;
    /// Renames an unpacked folder to layers/<chainId>; when another transfer was first, this one is dropped. flushNames()
    /// makes that last.
    void adoptLayer(const std::filesystem::path& folder, const std::string& chainId);
    /// Everything written so far reaches the disk: once for all layers of a transfer.
    void flush() const;
    /// The renames so far reach the disk.
    void flushNames() const;

    /// Where the locks of work in progress are (see WorkLock).
    const std::filesystem::path& locks() const { return locks_; }

    /// A new empty folder (mode 0755) or file name in the own folder.
    std::filesystem::path newFolder();
    std::filesystem::path newName();

private:
    void removeLeftLocks() const;

    std::filesystem::path blobs_, layers_, locks_;
    OwnFolder own_;
    std::atomic<unsigned> next_ = 0;
};

/// A blob that is being written: hashed on its way.
class BlobWriter {
public:
    explicit BlobWriter(Store& store);
    void write(std::string_view data);
    std::uint64_t size() const { return size_; }
    /// Flushes and hands it to the store; returns its digest. With `expected` a different digest throws Error.
    std::string finish(std::string_view expected = {});
    /// Throws Error if what was written has not this digest; nothing can be written afterwards.
    void verify(std::string_view expected);

private:
    Store& store_;
    std::filesystem::path path_;
    Fd file_;
    Sha256 sum_;
    std::uint64_t size_ = 0, pushed_ = 0;
};

}  // namespace devc::engine::transfer

#include "engine/transfer/store.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/linux/remove_tree.h"

namespace devc::engine::transfer {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view algorithm = "sha256:";

void flushFolder(const fs::path& folder) {
    Fd descriptor = openFile(folder.string(), O_RDONLY | O_DIRECTORY);
    if (::fsync(descriptor.get()) != 0) throw SystemError("fsync " + folder.string(), errno);
}

fs::path privateFolder(const fs::path& folder) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) throw SystemError("create " + folder.string(), errno);
    return folder;
}

}  // namespace

bool isDigest(std::string_view text) {
    return text.size() == algorithm.size() + 64 && text.starts_with(algorithm) &&
           text.find_first_not_of("0123456789abcdef", algorithm.size()) == std::string_view::npos;
}

std::string digestHex(std::string_view digest) {
    if (!isDigest(digest)) throw Error::of("'{}' is no sha256 digest", printable(digest));
    return std::string(digest.substr(algorithm.size()));
}

Store::Store(const fs::path& stateDir)
    : blobs_(privateFolder(privateFolder(stateDir / "blobs") / "sha256")), layers_(privateFolder(stateDir / "layers")),
      locks_(privateFolder(stateDir / "locks")), own_(privateFolder(stateDir / "tmp")) {
    removeLeftLocks();
}

/// Of killed transfers: who is about to take one sees that it is gone (see WorkLock).
void Store::removeLeftLocks() const {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(locks_, ignored)) {
        Fd lock(::open(entry.path().c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
        if (lock && ::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) fs::remove(entry.path(), ignored);
    }
}

fs::path Store::blob(std::string_view digest) const { return blobs_ / digestHex(digest); }

bool Store::hasBlob(std::string_view digest, std::uint64_t size) const {
    std::error_code missing;
    return fs::file_size(blob(digest), missing) == size && !missing;
}

std::string Store::readBlob(std::string_view digest, std::uint64_t limit) const {
    fs::path path = blob(digest);
    std::error_code missing;
    std::uint64_t size = fs::file_size(path, missing);
    if (missing) throw Error::of("the blob {} is missing in the store", digest);
    if (size > limit) throw Error::of("the blob {} has {} bytes, more than the {} that are accepted", digest, size, limit);
    std::string content = readFile(path.string());
    if (digestOf(content) != digest) throw Error::of("the blob {} is damaged in the store", digest);
    return content;
}

void Store::addBlob(std::string_view digest, std::string_view content) {
    if (hasBlob(digest, content.size())) return;
    BlobWriter writer(*this);
    writer.write(content);
    writer.finish(digest);
}

void Store::adoptBlob(const fs::path& file, std::string_view digest) {
    fs::path target = blob(digest);
    if (::rename(file.c_str(), target.c_str()) != 0) throw SystemError("rename to " + target.string(), errno);
}

fs::path Store::layer(const std::string& chainId) const { return layers_ / chainId; }

bool Store::hasLayer(const std::string& chainId) const {
    std::error_code missing;
    return fs::is_directory(layer(chainId), missing);
}

void Store::adoptLayer(const fs::path& folder, const std::string& chainId) {
    fs::path target = layer(chainId);
    if (::rename(folder.c_str(), target.c_str()) != 0) {
        if (errno != ENOTEMPTY && errno != EEXIST) throw SystemError("rename to " + target.string(), errno);
        removeTree(folder);
    }
}

void Store::flushNames() const {
    flushFolder(blobs_);
    flushFolder(layers_);
}

void Store::flush() const {
    Fd folder = openFile(layers_.string(), O_RDONLY | O_DIRECTORY);
    if (::syncfs(folder.get()) != 0) throw SystemError("write " + layers_.string() + " to the disk", errno);
}

fs::path Store::newName() { return own_.path() / std::to_string(next_++); }

fs::path Store::newFolder() {
    fs::path folder = newName();
    if (::mkdir(folder.c_str(), 0755) != 0) throw SystemError("create " + folder.string(), errno);
    if (::chmod(folder.c_str(), 0755) != 0) throw SystemError("chmod " + folder.string(), errno);
    return folder;
}

BlobWriter::BlobWriter(Store& store)
    : store_(store), path_(store.newName()), file_(openFile(path_.string(), O_RDWR | O_CREAT | O_EXCL, 0600)) {}

void BlobWriter::write(std::string_view data) {
    constexpr std::uint64_t step = 8 << 20;
    sum_.update(data);
    writeAll(file_.get(), data);
    size_ += data.size();
    if (size_ - pushed_ < step) return;
    // The disk works while more arrives; the flush at the end then has little left to wait for.
    ::sync_file_range(file_.get(), static_cast<off_t>(pushed_), static_cast<off_t>(size_ - pushed_), SYNC_FILE_RANGE_WRITE);
    pushed_ = size_;
}

void BlobWriter::verify(std::string_view expected) {
    std::string digest = "sha256:" + sum_.finish();
    if (digest != expected) throw Error::of("the content's digest is {}, not {} as announced", digest, printable(expected));
}

std::string BlobWriter::finish(std::string_view expected) {
    std::string digest = "sha256:" + sum_.finish();
    if (!expected.empty() && digest != expected) {
        throw Error::of("the content's digest is {}, not {} as announced", digest, printable(expected));
    }
    if (::fdatasync(file_.get()) != 0) throw SystemError("fsync " + path_.string(), errno);
    store_.adoptBlob(path_, digest);
    store_.flushNames();
    return digest;
}

}  // namespace devc::engine::transfer

#include "engine/transfer/layer_tar.h"

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <cerrno>
#include <climits>
#include <dirent.h>
#include <exception>
#include <fcntl.h>
#include <map>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <vector>

#include "engine/error.h"
#include "engine/linux/fd.h"
#include "engine/linux/plain_file.h"
#include "engine/transfer/archive_handle.h"
#include "engine/transfer/root_folder.h"

namespace devc::engine::transfer {

namespace {

/// libarchive's pax writer with a Sink behind it.
class Writer {
public:
    explicit Writer(Sink sink) : sink_(std::move(sink)), archive_(archive_write_new()), entry_(archive_entry_new()) {
        archive_write_set_format_pax_restricted(archive_.get());
        archive_write_set_format_option(archive_.get(), "pax", "xattrheader", "SCHILY");
        archive_write_set_bytes_per_block(archive_.get(), 1 << 18);
        archive_write_set_bytes_in_last_block(archive_.get(), 1);
        if (archive_write_open(archive_.get(), this, nullptr, &take, nullptr) != ARCHIVE_OK) fail();
    }
    Writer(const Writer&) = delete;

    archive_entry* fresh(const std::string& name) {
        archive_entry_clear(entry_.get());
        archive_entry_set_pathname(entry_.get(), name.c_str());
        return entry_.get();
    }
    void header() {
        if (archive_write_header(archive_.get(), entry_.get()) < ARCHIVE_WARN) fail();
    }
    void data(std::string_view bytes) {
        while (!bytes.empty()) {
            la_ssize_t put = archive_write_data(archive_.get(), bytes.data(), bytes.size());
            if (put <= 0) fail();
            bytes.remove_prefix(static_cast<std::size_t>(put));
        }
    }
    /// Exactly `size` bytes of `descriptor`: a file that changed its size meanwhile is an error.
    void copy(int descriptor, std::int64_t size) {
        buffer_.resize(1 << 18);
        while (size > 0) {
            auto want = static_cast<std::size_t>(std::min<std::int64_t>(size, static_cast<std::int64_t>(buffer_.size())));
            ssize_t got = readSome(descriptor, buffer_.data(), want);
            if (got < 0) throw SystemError("read", errno);
            if (got == 0) throw Error("the file became shorter while it was read");
            data({buffer_.data(), static_cast<std::size_t>(got)});
            size -= got;
        }
    }
    void close() {
        if (archive_write_close(archive_.get()) != ARCHIVE_OK) fail();
    }

private:
    [[noreturn]] void fail() {
        if (problem_) std::rethrow_exception(std::exchange(problem_, nullptr));
        const char* reason = archive_error_string(archive_.get());
        throw Error::of("write the archive: {}", reason ? reason : "unknown");
    }
    static la_ssize_t take(archive* handle, void* self, const void* data, std::size_t size) {
        auto* writer = static_cast<Writer*>(self);
        try {
            writer->sink_({static_cast<const char*>(data), size});
            return static_cast<la_ssize_t>(size);
        } catch (...) {
            writer->problem_ = std::current_exception();
            archive_set_error(handle, ARCHIVE_FATAL, "output failed");
            return -1;
        }
    }

    struct EntryFreed {
        void operator()(archive_entry* entry) const { archive_entry_free(entry); }
    };

    Sink sink_;
    std::exception_ptr problem_;
    ArchiveHandle archive_;
    std::unique_ptr<archive_entry, EntryFreed> entry_;
    std::vector<char> buffer_;
};

std::vector<std::string> namesIn(int folder) {
    DIR* listing = ::fdopendir(::fcntl(folder, F_DUPFD_CLOEXEC, 3));
    if (listing == nullptr) throw SystemError("read the folder", errno);
    std::vector<std::string> names;
    while (dirent* entry = ::readdir(listing)) {
        std::string_view name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    ::closedir(listing);
    std::sort(names.begin(), names.end());
    return names;
}

class LayerWriter {
public:
    explicit LayerWriter(const Sink& sink, bool whiteouts = true) : writer_(sink), whiteouts_(whiteouts) {}

    std::uint64_t run(const std::string& folder) {
        Fd root = openFile(folder, O_RDONLY | O_DIRECTORY);
        walk(root.get(), "");
        writer_.close();
        return bytes_;
    }

    void run(int object, const std::string& as) {
        struct stat status {};
        if (::fstatat(object, "", &status, AT_EMPTY_PATH) != 0) throw SystemError("stat", errno);
        if (S_ISDIR(status.st_mode)) {
            Fd self(::openat(object, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
            if (!self) throw SystemError("open", errno);
            if (!as.empty()) folder(self.get(), as, status);
            walk(self.get(), as.empty() ? "" : as + "/");
        } else if (S_ISREG(status.st_mode)) {
            // The descriptor is of the file itself: nothing can be put in its place.
            Fd self = tryReopenFile(object);
            if (!self) throw SystemError("open", errno);
            content(self.get(), as, status);
        } else if (!S_ISSOCK(status.st_mode)) {
            special(object, "", as, status);
        }
        writer_.close();
    }

private:
    void walk(int folder, const std::string& prefix) {
        for (const std::string& name : namesIn(folder)) {
            std::string path = prefix + name;
            try {
                add(folder, name, path);
            } catch (SystemError& error) {
                throw error.during("{}", printable(path));
            }
        }
    }

    void add(int folder, const std::string& name, const std::string& path) {
        if (path.size() >= PATH_MAX) throw Error::of("the path {} is too long for a layer", printable(path));
        struct stat status {};
        if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) throw SystemError("stat", errno);
        if (S_ISSOCK(status.st_mode)) return;
        if (whiteouts_ && S_ISCHR(status.st_mode) && status.st_rdev == makedev(0, 0)) return whiteout(splitPath(path).first, name, status);
        if (S_ISDIR(status.st_mode)) return directory(folder, name, path, status);
        if (status.st_nlink > 1 && hardLink(path, status)) return;
        if (S_ISREG(status.st_mode)) return file(folder, name, path, status);
        special(folder, name, path, status);
    }

    /// A symbolic link, a device, a fifo; with an empty name `folder` is it.
    void special(int folder, const std::string& name, const std::string& path, const struct stat& status) {
        archive_entry* entry = describe(path, status);
        if (S_ISLNK(status.st_mode)) {
            std::string target(static_cast<std::size_t>(status.st_size) + 1, '\0');
            ssize_t got = ::readlinkat(folder, name.c_str(), target.data(), target.size());
            if (got < 0) throw SystemError("read the link", errno);
            target.resize(static_cast<std::size_t>(got));
            archive_entry_set_symlink(entry, target.c_str());
        } else {
            archive_entry_set_rdev(entry, status.st_rdev);
        }
        writer_.header();
    }

    archive_entry* describe(const std::string& path, const struct stat& status) {
        archive_entry* entry = writer_.fresh(path);
        archive_entry_set_mode(entry, status.st_mode);
        archive_entry_set_uid(entry, status.st_uid);
        archive_entry_set_gid(entry, status.st_gid);
        archive_entry_set_mtime(entry, status.st_mtim.tv_sec, 0);
        archive_entry_set_size(entry, S_ISREG(status.st_mode) ? status.st_size : 0);
        return entry;
    }

    void whiteout(const std::string& folder, const std::string& name, const struct stat& status) {
        marker((folder.empty() ? "" : folder + "/") + ".wh." + name, status);
    }

    void marker(const std::string& path, const struct stat& near) {
        archive_entry* entry = writer_.fresh(path);
        archive_entry_set_mode(entry, S_IFREG | 0600);
        archive_entry_set_uid(entry, 0);
        archive_entry_set_gid(entry, 0);
        archive_entry_set_mtime(entry, near.st_mtim.tv_sec, 0);
        archive_entry_set_size(entry, 0);
        writer_.header();
    }

    void directory(int folder, const std::string& name, const std::string& path, const struct stat& status) {
        Fd self(::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!self) throw SystemError("open", errno);
        this->folder(self.get(), path, status);
        char opaque = 0;
        if (whiteouts_ && ::fgetxattr(self.get(), "trusted.overlay.opaque", &opaque, 1) == 1 && opaque == 'y') marker(path + "/.wh..wh..opq", status);
        walk(self.get(), path + "/");
    }

    void folder(int self, const std::string& path, const struct stat& status) {
        archive_entry* entry = describe(path + "/", status);
        attributes(entry, self);
        writer_.header();
    }

    bool hardLink(const std::string& path, const struct stat& status) {
        auto [first, isNew] = links_.emplace(std::pair(status.st_dev, status.st_ino), path);
        if (isNew) return false;
        archive_entry* entry = describe(path, status);
        archive_entry_set_size(entry, 0);
        archive_entry_set_hardlink(entry, first->second.c_str());
        writer_.header();
        return true;
    }

    void file(int folder, const std::string& name, const std::string& path, const struct stat& status) {
        // A container may have put a device in its place meanwhile: that is not opened.
        const Fd found(::openat(folder, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        Fd self = found ? tryReopenFile(found.get()) : Fd();
        if (!self) throw SystemError("open", errno);
        content(self.get(), path, status);
    }

    void content(int self, const std::string& path, const struct stat& status) {
        archive_entry* entry = describe(path, status);
        attributes(entry, self);
        writer_.header();
        writer_.copy(self, status.st_size);
        bytes_ += static_cast<std::uint64_t>(status.st_size);
    }

    void attributes(archive_entry* entry, int self) {
        char names[16384];
        ssize_t size = ::flistxattr(self, names, sizeof names);
        std::map<std::string, std::string> kept;  // sorted: the order of the kernel is not ours
        for (const char* name = names; size > 0 && name < names + size; name += std::string_view(name).size() + 1) {
            std::string_view text = name;
            if (!text.starts_with("user.") && text != "security.capability" && !text.starts_with("system.posix_acl_")) continue;
            std::string value(65536, '\0');
            ssize_t got = ::fgetxattr(self, name, value.data(), value.size());
            if (got < 0) continue;
            value.resize(static_cast<std::size_t>(got));
            kept.emplace(text, std::move(value));
        }
        // libarchive prepends each.
        for (auto one = kept.rbegin(); one != kept.rend(); ++one) {
            archive_entry_xattr_add_entry(entry, one->first.c_str(), one->second.data(), one->second.size());
        }
    }

    Writer writer_;
    bool whiteouts_;
    std::map<std::pair<dev_t, ino_t>, std::string> links_;
    std::uint64_t bytes_ = 0;
};

}  // namespace

std::uint64_t writeLayer(const std::string& folder, const Sink& sink) { return LayerWriter(sink).run(folder); }

void writeTree(int object, const std::string& as, const Sink& sink) { LayerWriter(sink, false).run(object, as); }

struct TarWriter::Impl {
    explicit Impl(Sink sink) : writer(std::move(sink)) {}
    Writer writer;
    void describe(const std::string& name, mode_t mode, std::int64_t size) {
        archive_entry* entry = writer.fresh(name);
        archive_entry_set_mode(entry, mode);
        archive_entry_set_mtime(entry, 0, 0);
        archive_entry_set_size(entry, size);
        writer.header();
    }
};

TarWriter::TarWriter(Sink sink) : impl_(new Impl(std::move(sink))) {}
TarWriter::~TarWriter() { delete impl_; }

void TarWriter::folder(const std::string& name) { impl_->describe(name, S_IFDIR | 0755, 0); }

void TarWriter::text(const std::string& name, std::string_view content) {
    impl_->describe(name, S_IFREG | 0644, static_cast<std::int64_t>(content.size()));
    impl_->writer.data(content);
}

void TarWriter::file(const std::string& name, const std::string& path) {
    Fd file = openFile(path, O_RDONLY);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) throw SystemError("stat " + path, errno);
    impl_->describe(name, S_IFREG | 0644, status.st_size);
    impl_->writer.copy(file.get(), status.st_size);
}

void TarWriter::finish() { impl_->writer.close(); }

}  // namespace devc::engine::transfer

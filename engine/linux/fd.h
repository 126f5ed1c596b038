#pragma once
#include <string>
#include <string_view>
#include <utility>

#include <sys/types.h>

namespace devc::engine {

/// Owns a file descriptor; closes it when it goes. -1 means none.
class Fd {
public:
    Fd() = default;
    explicit Fd(int descriptor) : descriptor_(descriptor) {}
    Fd(Fd&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
        if (this != &other) { reset(); descriptor_ = std::exchange(other.descriptor_, -1); }
        return *this;
    }
    ~Fd() { reset(); }

    int get() const { return descriptor_; }
    int release() { return std::exchange(descriptor_, -1); }
    void reset();
    explicit operator bool() const { return descriptor_ >= 0; }

private:
    int descriptor_ = -1;
};

/// Opens with O_CLOEXEC; throws SystemError.
Fd openFile(const std::string& path, int flags, unsigned mode = 0600);
/// The whole file; throws SystemError. For small files (state, /proc).
std::string readFile(const std::string& path);
/// Writes beside `path` and renames; with `durable` the file and its folder are fsynced first.
void writeFileAtomically(const std::string& path, std::string_view content, unsigned mode = 0600, bool durable = false);
/// The same for a file that only the holder of some lock writes: beside it is always `<path>.new`, so that what a killed
/// writer left is the next one's to use.
void replaceFile(const std::string& path, std::string_view content, unsigned mode = 0600);
/// read(2), again when it was interrupted.
ssize_t readSome(int descriptor, void* to, size_t most);
/// All of `data`, over short writes and EINTR; throws SystemError.
void writeAll(int descriptor, std::string_view data);

}  // namespace devc::engine

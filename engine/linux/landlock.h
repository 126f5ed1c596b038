#pragma once
#include <cstdint>
#include <filesystem>

#include "engine/linux/fd.h"

namespace devc::engine {

/// Takes from the calling process, and from all it starts, every file that was not allowed before enforce(): landlock(7).
/// What is open stays usable; names and attributes (stat, chmod, chown, xattr) are not covered by the kernel's mechanism.
/// On kernels that lack it, or are too old to rename between folders under it (before 5.19), nothing is restricted.
class Landlock {
public:
    enum class Files { Read, Change };  ///< Change: read, write, make, rename and remove
    enum class Network { None, Client };  ///< of TCP: nothing, or connections outward (kernel 6.7)

    static bool isKnown();

    explicit Landlock(Network network);
    /// The file, or all below the folder. A path that is not there is no error.
    void allow(const std::filesystem::path& path, Files files);
    void allow(int descriptor, Files files);
    /// Once no_new_privs is set. Also keeps signals and abstract sockets of other processes away (kernel 6.12).
    void enforce();

private:
    Fd rules_;  ///< none where the kernel lacks it
    std::uint64_t handled_ = 0;
};

}  // namespace devc::engine

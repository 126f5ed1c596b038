#include "engine/linux/remove_tree.h"

#include "engine/error.h"

namespace devc::engine {

void removeTree(const std::filesystem::path& path) {
    for (;;) {
        std::error_code failure;
        std::filesystem::remove_all(path, failure);
        if (!failure) return;
        // Something in it was gone before its turn came: what is left is looked at once more.
        if (failure != std::errc::no_such_file_or_directory) throw SystemError("remove " + path.string(), failure.value());
    }
}

}  // namespace devc::engine

#pragma once
#include <filesystem>

#include "engine/linux/fd.h"

namespace devc::engine {

/// A folder <parent>/<random> for what one process makes: locked while it lives, removed with all in it at its end.
class OwnFolder {
public:
    /// Removes what others have left in `parent`, too. Throws SystemError.
    explicit OwnFolder(const std::filesystem::path& parent);
    ~OwnFolder();
    OwnFolder(const OwnFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
    Fd lock_;
};

/// Removes the folders in `parent` that are nobody's own: of killed processes, and of those that could not remove theirs.
/// Throws SystemError if `parent` is not there.
void removeOwnerless(const std::filesystem::path& parent);

}  // namespace devc::engine

#pragma once
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <utility>

#include <sys/types.h>

#include "engine/linux/fd.h"

namespace devc::engine::transfer {

/// A path of an archive in its canonical form: no leading '/', no "." or empty components; "" is the root itself.
/// Throws Error when a component is ".." or the path or a component is longer than Linux takes.
std::string cleanPath(std::string_view path);
/// Folder and last component of a clean path.
std::pair<std::string, std::string> splitPath(const std::string& clean);
/// A name of an archive for a message: control characters escaped, shortened.
std::string printable(std::string_view name);

/// A folder that nothing can be reached from but what is in it: every path is resolved by the kernel with this folder as
/// root (openat2 RESOLVE_IN_ROOT), so that symbolic links of an archive lead nowhere else.
class RootFolder {
public:
    explicit RootFolder(const std::string& path);

    /// Descriptor (O_PATH) of the folder `clean`, valid until the next call with create or until forget().
    /// With `create` what is missing is made, mode 0755; names of folders made are given to `made`. -1 if it is missing.
    int folder(const std::string& clean, bool create, std::list<std::string>* made = nullptr);
    /// Opens below the root; links in the last component are not followed. An Fd of -1 if there is nothing.
    Fd open(const std::string& clean, int flags) const;
    /// Removes what has this name, with all below it; nothing beyond it.
    void remove(int parent, const std::string& name);
    /// Folders may have moved or become something else: resolve anew.
    void forget() { cache_.clear(); }
    int descriptor() const { return root_.get(); }

private:
    int makePath(const std::string& clean, std::list<std::string>* made);

    Fd root_;
    std::list<std::pair<std::string, Fd>> cache_;  ///< most recent first
};

}  // namespace devc::engine::transfer

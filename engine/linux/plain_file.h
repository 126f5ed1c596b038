#pragma once
#include <cstddef>
#include <string>

#include "engine/linux/fd.h"

namespace devc::engine {

/// Opens a path below `root` that was resolved before: a link in it, or "..", has been put there since. An empty Fd, with errno,
/// where it cannot be opened. "" is the root itself.
Fd tryOpenWithoutLinks(int root, const std::string& path, int flags);

/// The file that an O_PATH descriptor refers to, to be read: neither a device nor a FIFO is ever opened. An empty Fd, with
/// errno, for these and where it cannot be opened. Needs /proc.
Fd tryReopenFile(int descriptor);

/// The whole file; throws SystemError, and Error for one of more than `most` bytes: what somebody else named may be /dev/zero.
std::string readAtMost(const std::string& path, std::size_t most);

}  // namespace devc::engine

#pragma once
#include <string>

#include "engine/linux/fd.h"

namespace devc::engine {

/// Log files that are no longer written to, as gzip: what other tools read too. The header's comment is the identity of the
/// file, by which somebody who was just reading it finds it again.

/// What tells an open file from all others of its file system, also from those that had its inode's number before: that
/// number and, where the file system has it, its generation (ioctl FS_IOC_GETVERSION).
std::string identityOf(int file);

/// Writes `to` with what `from` has, and takes `from` away. Throws SystemError; then `from` is as it was.
void compressLog(const std::string& from, const std::string& to);

/// The identity of the file that was compressed; empty if another tool has made this one.
std::string identityOfCompressed(int file);

/// What a compressed file holds, as a file without a name beside it, read from its start. A file that is damaged gives what
/// comes before the damage. Throws SystemError.
Fd decompressLog(int file, const std::string& folder);

}  // namespace devc::engine

#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "engine/linux/fd.h"

namespace devc::engine {

/// Log files that are no longer written to, as gzip: what other tools read too. The header's comment is the number of the
/// file's inode, by which somebody who was just reading it finds it again.

/// Writes `to` with what `from` has, and takes `from` away. Throws SystemError; then `from` is as it was.
void compressLog(const std::string& from, const std::string& to);

/// The inode of the file that was compressed; nothing if another tool has made the file.
std::optional<std::uint64_t> inodeOfCompressed(int file);

/// What a compressed file holds, as a file without a name beside it, read from its start. A file that is damaged gives what
/// comes before the damage. Throws SystemError.
Fd decompressLog(int file, const std::string& folder);

}  // namespace devc::engine

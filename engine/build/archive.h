#pragma once
#include <optional>

#include "engine/build/owner.h"
#include "engine/host.h"

namespace devc::engine::build {

/// May the file be a tar archive, compressed or not? Told by its first bytes; the position is left at the start.
bool mayBeArchive(int file);

/// Extracts a tar archive (plain, gzip, bzip2, xz, zstd) into the folder; all of it belongs to `owner` if one is given.
/// False, with nothing done, if the file is no archive after all. Throws Error on a damaged or hostile one.
bool extractArchive(const Host& host, int file, int folder, std::optional<Owner> owner);

}  // namespace devc::engine::build

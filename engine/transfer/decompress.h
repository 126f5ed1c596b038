#pragma once
#include <memory>
#include <string_view>

#include "engine/transfer/limits.h"
#include "engine/transfer/source.h"

namespace devc::engine::transfer {

enum class Compression { None, Gzip, Zstd, Xz, Bzip2 };

/// Told by the first bytes, never by a name or media type.
Compression compressionOf(std::string_view head);
std::string_view nameOf(Compression);

/// The uncompressed bytes of `inner`. Throws Error when the input is damaged, ends early, or expands beyond the limits.
std::unique_ptr<Source> decompress(Source& inner, Compression compression, const Limits& limits);

}  // namespace devc::engine::transfer

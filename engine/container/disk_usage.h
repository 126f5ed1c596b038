#pragma once
#include <cstdint>
#include <filesystem>

namespace devc::engine {

/// Bytes of the files below `folder` as docker counts them: folders count nothing, a file with several names once. What
/// cannot be read, and a folder that is not there, count nothing. Follows no symbolic link.
std::uint64_t diskUsage(const std::filesystem::path& folder);

}  // namespace devc::engine

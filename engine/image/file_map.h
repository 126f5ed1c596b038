#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <sys/stat.h>

namespace devc::engine {

/// A file of an image as one of its layers has it.
struct LayerFile {
    std::size_t layer = 0;        ///< index into the layers, the lowest is 0
    struct stat status {};
    std::uint64_t bytes() const { return S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0; }
};
/// Paths without '/' in front, in their order.
using FileMap = std::map<std::string, LayerFile>;

struct ImageChange {
    enum class Kind { Added, Modified, Deleted } kind;
    std::string path;
    std::uint64_t bytes = 0;   ///< of the new file
    std::uint64_t hidden = 0;  ///< of the files below that are no longer seen
};

/// Lays the unpacked layer `folder` (an overlay lower folder, with whiteouts and opaque folders) over `files` and says what
/// that changes. A folder that is only written again is no change. Throws SystemError.
std::vector<ImageChange> overlay(FileMap& files, const std::filesystem::path& folder, std::size_t layer);

}  // namespace devc::engine

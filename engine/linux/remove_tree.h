#pragma once
#include <filesystem>

namespace devc::engine {

/// Removes a folder with all in it, also while another process removes the same. Throws Error for what cannot be removed.
void removeTree(const std::filesystem::path& path);

}  // namespace devc::engine

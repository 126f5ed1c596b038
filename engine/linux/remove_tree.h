#pragma once
#include <filesystem>

namespace devc::engine {

/// Removes a folder with all in it, however deep, or a file; also while another process removes the same. No link is followed.
/// What is not there is no error. Throws Error for what cannot be removed.
void removeTree(const std::filesystem::path& path);
/// False where something is left.
bool tryRemoveTree(const std::filesystem::path& path) noexcept;

}  // namespace devc::engine

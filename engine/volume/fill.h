#pragma once
#include <filesystem>
#include <functional>
#include <string>

#include "engine/linux/fd.h"

namespace devc::engine {

/// Filling of an empty volume with what the image has in its place, in two steps so that it survives a killed command: marked
/// while the container is recorded, filled after that; a start finds the mark of one that was not finished.

/// Marks the volume (its _data folder) if it is empty.
void markForFilling(const std::filesystem::path& data);
/// True if there is a mark.
bool isMarkedForFilling(const std::filesystem::path& data);
/// Copies `path` of the image into a marked volume, with owner and mode, and takes the mark away; one process at a time, the
/// others wait. Nothing happens if the image has no folder there. `openRoot` gives the image's root folder.
void fill(const std::filesystem::path& data, const std::string& path, const std::function<Fd()>& openRoot);

}  // namespace devc::engine

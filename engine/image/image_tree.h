#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/image/file_map.h"
#include "engine/image/images.h"

namespace devc::engine {

struct TreeLayer {
    std::string diffId, createdBy;
    std::uint64_t bytes = 0;   ///< of the layer's files
    std::uint64_t wasted = 0;  ///< of files of lower layers that this one hides: they are carried along for nothing
    std::vector<ImageChange> changes;  ///< by path
};

/// What each layer of an image brings and hides, lowest first.
struct ImageTree {
    std::vector<TreeLayer> layers;
    std::uint64_t bytes = 0, wasted = 0;
};
ImageTree treeOf(const Images& images, const Image& image);

/// What has to be done to the files of `before` so that they are those of `after`, by path. Equal are files with equal type,
/// mode, owner, size, target and content.
std::vector<ImageChange> differences(const Images& images, const Image& before, const Image& after);

}  // namespace devc::engine

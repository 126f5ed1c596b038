#pragma once
#include <string>

#include "engine/image/image_tree.h"

namespace devc::app {

/// The layers of an image as an SVG picture: a bar a layer, as wide as its files are large, the wasted part marked; the
/// largest changes of a layer are shown when the pointer is over it.
std::string layerPicture(const std::string& title, const engine::ImageTree& tree);

}  // namespace devc::app

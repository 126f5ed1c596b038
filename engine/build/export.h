#pragma once
#include <string>

#include "engine/build/workshop.h"
#include "engine/image/images.h"

namespace devc::engine::build {

/// Carries out --output. What `dest` names is a file, "-" (standard output) or a folder:
/// | type          | leaves                                                                             |
/// | oci, docker   | an archive that `image load` takes; with tar=false an OCI image layout in a folder |
/// | local         | the files of the image in a folder; "DIR" alone is that                            |
/// | tar           | the files of the image as an archive; "-" alone is that                            |
/// | image         | nothing but the image in the store; with push=true it is pushed by its name        |
/// | registry      | the same, always pushed                                                            |
/// | cacheonly     | nothing                                                                            |
/// Throws Error for a type that is not known and for one that needs a destination and has none.
void exportImage(Workshop& shop, const Snapshot& snapshot, const Image& image, const std::string& output);

}  // namespace devc::engine::build

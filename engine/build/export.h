#pragma once
#include <string>

#include "engine/host.h"
#include "engine/image/images.h"

namespace devc::engine::build {

/// Carries out --output: "type=oci|docker,tar=false,dest=DIR" leaves an OCI image layout; "type=image" and nothing leave the
/// image in the store only. Throws Error for a kind that is not known.
void exportImage(const Host& host, const Images& images, const Image& image, const std::string& output);

}  // namespace devc::engine::build

#pragma once
#include <string>

#include "compose/model/project.h"
#include "engine/host.h"

namespace devc::app {

/// The project with every image as its registry has it now: docker.io/library/busybox:latest@sha256:... What has no image or
/// has a digest is not asked about. Throws the registry's error, naming the image.
compose::Project withPinnedImages(const engine::Host& host, compose::Project project);

/// A compose file, YAML or JSON, with nothing but the images of the services: laid over the project's own it pins them.
std::string imagesOverride(const compose::Project& project, bool json);

}  // namespace devc::app

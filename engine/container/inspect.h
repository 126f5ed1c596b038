#pragma once
#include <nlohmann/json_fwd.hpp>

#include "engine/container/containers.h"
#include "engine/image/images.h"
#include "engine/volume/volumes.h"

namespace devc::engine {

/// docker's inspect object of a container (Engine API, "Inspect a container"). Contents of configurations and secrets never
/// appear. `volumes`: those it mounts, by name.
nlohmann::json inspectContainer(const Host&, const Container&, const Image&, const std::map<std::string, Volume>& volumes);

}  // namespace devc::engine

#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/build/builder.h"
#include "engine/build/dockerfile.h"
#include "engine/build/operation.h"
#include "engine/build/stage_config.h"

namespace devc::engine::build {

/// Finds base images: a reference becomes an image of the store, pulled if need be, and its configuration.
struct BaseImages {
    std::function<Image(const std::string& reference, const std::string& platform)> resolve;
    std::function<nlohmann::json(const Image&)> config;
};

struct BuildPlan {
    OperationPtr result;
    StageConfig config;
    std::string stage;                    ///< that is built
    std::set<std::string> usedArguments;  ///< names of --build-arg that some instruction took
    std::set<std::string> contexts;       ///< named contexts that files are read from
};

/// Turns the stages that `request.target` needs into a graph of operations and the image's configuration. Reads base images'
/// configurations; runs nothing, reads no file of a context. Throws Error at the Dockerfile's line.
BuildPlan plan(const Dockerfile& file, const BuildRequest& request, const BaseImages& images, const std::string& created);

/// "linux/amd64" of this machine.
std::string ownPlatform();

}  // namespace devc::engine::build

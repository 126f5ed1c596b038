#pragma once
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "app/project/build.h"

namespace devc::app {

/// The builds of these services as a bake file (docs.docker.com/build/bake/reference): a target for each, all in the group
/// `default`. `push` sends images that have a name of their own to their registry.
nlohmann::ordered_json bakeFile(const compose::Project& project, const std::vector<std::string>& services, const BuildOptions& options, bool push);

}  // namespace devc::app

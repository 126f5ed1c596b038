#pragma once
#include <nlohmann/json_fwd.hpp>

#include "engine/transfer/limits.h"
#include "engine/transfer/registry_settings.h"

namespace devc::engine::transfer {

/// The digest that request["tag"] of ["domain"] and ["path"] has now: "digest". Throws NotFound.
nlohmann::json resolve(const nlohmann::json& request, const Limits& limits, const RegistrySettings& settings);

/// Repositories of request["domain"] that have to do with ["term"], at most ["limit"]: a list of objects with "name",
/// "description", "star_count", "is_official". By the registry's search (docker.io), else by its catalog.
nlohmann::json search(const nlohmann::json& request, const Limits& limits, const RegistrySettings& settings);

}  // namespace devc::engine::transfer

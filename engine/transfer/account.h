#pragma once
#include <nlohmann/json_fwd.hpp>

#include "engine/transfer/limits.h"
#include "engine/transfer/registry_settings.h"

namespace devc::engine::transfer {

/// Tries request["user"] and ["password"] at request["domain"] (without a user those that are kept) and keeps them.
/// The result: "user", "path" of the file, "helper": true when a program keeps them. Throws Error when they are refused.
nlohmann::json login(const nlohmann::json& request, const Limits& limits, const RegistrySettings& settings);

/// Forgets what is kept for request["domain"]. The result: "known", whether there was anything.
nlohmann::json logout(const nlohmann::json& request);

}  // namespace devc::engine::transfer

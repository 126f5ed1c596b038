#pragma once
#include <nlohmann/json_fwd.hpp>

#include "engine/transfer/limits.h"
#include "engine/transfer/registry_settings.h"

namespace devc::engine::transfer {

/// Fetches request["url"] (http, https) to the descriptor; only its headers with request["head"]. The result: "etag",
/// "modified" (as the server says it), "time" (seconds since the epoch, 0: not said), "size" (-1: not said) and, of a whole
/// answer, "digest". Throws Error "invalid response status 404" for what is not there.
nlohmann::json download(const nlohmann::json& request, int output, const Limits& limits, const RegistrySettings& settings);

}  // namespace devc::engine::transfer

#pragma once
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "engine/build/layer_cache.h"

namespace devc::engine::build {

/// Gives an image configuration its "created" and that of each history entry that has none: the time when the entry's layer
/// was made, else that of its neighbour. So a build that finds all in the cache makes the same image again, as BuildKit does.
/// `fallback` (RFC 3339) is used where no time is known at all.
void completeTimes(nlohmann::json& document, const Snapshot& snapshot, const std::string& fallback);

}  // namespace devc::engine::build

#pragma once
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace devc::engine {

/// Parses JSON that others wrote (manifests, configurations, answers of registries). `what` names it in the error.
/// Throws Error when it is no JSON, is no UTF-8, or is nested deeper than 64 levels.
nlohmann::json parseJson(std::string_view text, std::string_view what);

}  // namespace devc::engine

#pragma once
#include <optional>
#include <string>

namespace devc::compose {

/// The service that `service:<name>` names, as modes (`network_mode`, `pid`, ...) and additional contexts of builds write
/// it; nothing if `text` is something else.
inline std::optional<std::string> referencedService(std::string_view text) {
    constexpr std::string_view prefix = "service:";
    if (!text.starts_with(prefix)) return {};
    return std::string(text.substr(prefix.size()));
}

}  // namespace devc::compose

#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace devc::engine {

/// "1h30m", "500ms", "1.5s": nanoseconds. Nothing for what is no duration.
std::optional<std::int64_t> nanosecondsOf(std::string_view text);

}  // namespace devc::engine

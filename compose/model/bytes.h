#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace devc::compose {

/// Reads a byte size: "64m", "1.5gb", "1g", "512 KiB", "1000" (bytes), "-1" (no limit). Units are powers of 1024.
std::optional<std::int64_t> parseBytes(std::string_view text);

}  // namespace devc::compose

#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace devc::engine::build {

/// Times of files below `folder` (itself included) later than `seconds` become it: SOURCE_DATE_EPOCH.
void clampTimes(const std::filesystem::path& folder, std::int64_t seconds);
/// RFC 3339, UTC.
std::string formatTime(std::int64_t seconds);

}  // namespace devc::engine::build

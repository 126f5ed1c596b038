#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/launch/state.h"

namespace devc::app {

/// "Less than a second", "5 seconds", "About a minute", "3 hours", "2 weeks": docker's words.
std::string humanDuration(std::chrono::seconds duration);

/// "12.3kB", "1.45GB": powers of 1000 with `digits` significant ones, as docker prints sizes of images and files.
std::string humanSize(double bytes, int digits = 4);
/// "12.3KiB", "1.945GiB": powers of 1024, as docker prints memory.
std::string humanBinarySize(double bytes, int digits = 4);

/// Bytes from "512m", "1.5g", "64k", "100b", "1024": powers of 1024, any case, optional b and i. Throws Error.
std::int64_t parseSize(std::string_view text);

/// Nanoseconds from Go's durations ("1m30s", "500ms", "1.5h"). Throws Error.
std::chrono::nanoseconds parseDuration(std::string_view text);

/// RFC 3339 (with or without fraction, Z or offset); nullopt if it is none or is the zero time.
std::optional<std::chrono::system_clock::time_point> parseTime(std::string_view text);

/// "5 minutes ago" as of now; empty for a time that is none.
std::string ago(std::string_view rfc3339);

/// "2024-05-01 10:00:00 +0000 UTC": Go's default form of a time, UTC.
std::string goTime(std::string_view rfc3339);

/// "2024-05-01 10:00:00.000001" in local time, as Compose's `events` says it; what is no time stays as it is.
std::string localTime(std::string_view rfc3339);

/// Docker's STATUS column: "Up 3 minutes (healthy)", "Exited (0) 5 seconds ago", "Created", "Up 2 hours (Paused)".
std::string statusText(const engine::ContainerState& state);

}  // namespace devc::app

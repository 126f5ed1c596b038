#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace devc::compose {

/// A span of time in nanoseconds (specification 11-extension: "1m30s", "100us", "2.5h", also "1d" and "1w").
struct Duration {
    std::int64_t nanoseconds = 0;

    std::int64_t milliseconds() const { return nanoseconds / 1'000'000; }
    double seconds() const { return static_cast<double>(nanoseconds) / 1e9; }
    /// The canonical text, as Docker Compose prints it: "1m30s", "1.5s", "24h0m0s", "100µs", "0s".
    std::string text() const;
    bool operator==(const Duration&) const = default;
};

/// Reads a duration. On failure `problem`, if given, says why: `missing unit in duration "10"`.
std::optional<Duration> parseDuration(std::string_view text, std::string* problem = nullptr);

}  // namespace devc::compose

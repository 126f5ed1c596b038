#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace devc::engine {

/// Moments are nanoseconds since 1970-01-01 UTC.
std::int64_t momentNow();
/// RFC 3339 in UTC with nine digits of a second: "2026-01-31T10:00:00.000000001Z". Sorts as text.
std::string formatMoment(std::int64_t moment);
std::string timestampNow();

/// What users give to --since and --until: RFC 3339 (without a zone: local time; without a time: midnight), Unix seconds
/// with a fraction, or a duration before `now` ("10m", "1h30m"). A date before 1677 or after 2262 is the first or last moment
/// that can be counted. Throws Error with status 1 on anything else, and for dates that no calendar has.
std::int64_t parseMoment(std::string_view text, std::int64_t now);

}  // namespace devc::engine

#include "compose/model/duration.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace devc::compose {
namespace {

constexpr double largest = 9.2e18;

struct Unit {
    std::string_view name;
    double nanoseconds;
};
// Longer names first, so that "ms" is not read as minutes.
constexpr std::array<Unit, 10> units = {{
    {"ns", 1}, {"us", 1e3}, {"\xC2\xB5s", 1e3}, {"\xCE\xBCs", 1e3}, {"ms", 1e6},
    {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}, {"w", 604800e9},
}};

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// "1.500000000" -> "1.5"
std::string fraction(std::int64_t value, std::int64_t unit, std::size_t digits) {
    std::string text = fmt::format("{}.{:0{}}", value / unit, value % unit, digits);
    while (text.ends_with('0')) text.pop_back();
    if (text.ends_with('.')) text.pop_back();
    return text;
}

}  // namespace

std::string Duration::text() const {
    if (nanoseconds == 0) return "0s";
    std::string sign = nanoseconds < 0 ? "-" : "";
    std::int64_t value = nanoseconds < 0 ? -nanoseconds : nanoseconds;
    if (value < 1'000) return fmt::format("{}{}ns", sign, value);
    if (value < 1'000'000) return sign + fraction(value, 1'000, 3) + "\xC2\xB5s";
    if (value < 1'000'000'000) return sign + fraction(value, 1'000'000, 6) + "ms";
    std::int64_t minutes = value / 60'000'000'000;
    std::string seconds = fraction(value % 60'000'000'000, 1'000'000'000, 9) + "s";
    if (minutes == 0) return sign + seconds;
    if (minutes < 60) return fmt::format("{}{}m{}", sign, minutes, seconds);
    return fmt::format("{}{}h{}m{}", sign, minutes / 60, minutes % 60, seconds);
}

std::optional<Duration> parseDuration(std::string_view text, std::string* problem) {
    auto fail = [&](std::string_view what) -> std::optional<Duration> {
        if (problem) *problem = fmt::format("{} \"{}\"", what, text);
        return std::nullopt;
    };
    std::string_view rest = text;
    bool negative = rest.starts_with('-');
    if (negative || rest.starts_with('+')) rest.remove_prefix(1);
    if (rest == "0") return Duration{};
    if (rest.empty()) return fail("invalid duration");
    double total = 0;
    while (!rest.empty()) {
        double value = 0;
        double scale = 1;
        bool digits = false;
        bool point = false;
        while (!rest.empty() && (isDigit(rest[0]) || (rest[0] == '.' && !point))) {
            if (rest[0] == '.') {
                point = true;
            } else {
                digits = true;
                value = value * 10 + (rest[0] - '0');
                if (point) scale *= 10;
            }
            rest.remove_prefix(1);
        }
        if (!digits) return fail("invalid duration");
        if (rest.empty()) return fail("missing unit in duration");
        const Unit* found = nullptr;
        for (const Unit& unit : units) {
            if (!rest.starts_with(unit.name)) continue;
            found = &unit;
            break;
        }
        if (!found) return fail("invalid duration");
        rest.remove_prefix(found->name.size());
        total += value / scale * found->nanoseconds;
        if (total > largest) return fail("invalid duration");
    }
    auto nanoseconds = static_cast<std::int64_t>(std::llround(total));
    return Duration{negative ? -nanoseconds : nanoseconds};
}

}  // namespace devc::compose

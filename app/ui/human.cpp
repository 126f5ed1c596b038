#include "app/ui/human.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <limits>

#include <fmt/format.h>

#include "engine/error.h"

namespace devc::app {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;

/// C's %.*g.
std::string significant(double value, int digits) { return fmt::format("{:.{}g}", value, digits); }

std::string scaled(double value, double base, const std::array<std::string_view, 7>& units, int digits) {
    std::size_t unit = 0;
    for (; value >= base && unit + 1 < units.size(); ++unit) value /= base;
    return significant(value, digits) + std::string(units[unit]);
}

int twoDigits(std::string_view text, std::size_t at) {
    if (at + 2 > text.size() || text[at] < '0' || text[at] > '9' || text[at + 1] < '0' || text[at + 1] > '9') return -1;
    return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

std::string plural(long count, std::string_view unit) { return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s"); }

}  // namespace

std::string humanDuration(seconds duration) {
    const long s = duration.count(), minutes = s / 60, hours = std::lround(static_cast<double>(s) / 3600);
    if (s < 1) return "Less than a second";
    if (s == 1) return "1 second";
    if (s < 60) return plural(s, "second");
    if (minutes == 1) return "About a minute";
    if (minutes < 60) return plural(minutes, "minute");
    if (hours == 1) return "About an hour";
    if (hours < 48) return plural(hours, "hour");
    if (hours < 24 * 7 * 2) return plural(hours / 24, "day");
    if (hours < 24 * 30 * 2) return plural(hours / 24 / 7, "week");
    if (hours < 24 * 365 * 2) return plural(hours / 24 / 30, "month");
    return plural(s / 3600 / 24 / 365, "year");
}

std::string humanSize(double bytes, int digits) {
    return scaled(bytes, 1000, {"B", "kB", "MB", "GB", "TB", "PB", "EB"}, digits);
}

std::string humanBinarySize(double bytes, int digits) {
    return scaled(bytes, 1024, {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}, digits);
}

std::int64_t parseSize(std::string_view text) {
    const std::string copy(text);
    char* end = nullptr;
    const double number = copy.empty() ? -1 : std::strtod(copy.c_str(), &end);
    std::string unit;
    for (const char* at = end; at != nullptr && *at != '\0'; ++at)
        if (*at != ' ') unit += static_cast<char>(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
    if (unit.size() > 1 && unit.back() == 'b') unit.pop_back();
    if (unit.size() == 2 && unit.back() == 'i') unit.pop_back();
    constexpr std::string_view units = "bkmgtp";
    const std::size_t power = unit.empty() ? 0 : units.find(unit[0]);
    const bool isNumber = !copy.empty() && ((copy[0] >= '0' && copy[0] <= '9') || copy[0] == '.') && copy.find_first_of("xXpPnN") == std::string::npos;
    const bool bad = !isNumber || unit.size() > 1 || power == std::string_view::npos || !(number >= 0);
    const double bytes = bad ? 0 : number * std::pow(1024.0, static_cast<double>(power));
    if (bad || bytes >= 9.2e18) throw engine::Error::of("invalid size: '{}'", text);
    return static_cast<std::int64_t>(bytes);
}

std::chrono::nanoseconds parseDuration(std::string_view text) {
    struct Unit {
        std::string_view name;
        double nanoseconds;
    };
    static constexpr Unit units[] = {{"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 6e10}, {"h", 3.6e12}};
    const auto fail = [&]() { return engine::Error::of("invalid duration \"{}\"", text).hint("such as 1m30s, 500ms, 2h"); };
    std::string_view rest = text;
    const bool negative = !rest.empty() && rest[0] == '-';
    if (negative || (!rest.empty() && rest[0] == '+')) rest.remove_prefix(1);
    if (rest == "0") return std::chrono::nanoseconds(0);
    if (rest.empty()) throw fail();
    double total = 0;
    while (!rest.empty()) {
        const std::size_t digits = rest.find_first_not_of("0123456789.");
        if (digits == 0 || digits == std::string_view::npos) throw fail();
        const std::string number(rest.substr(0, digits));
        char* end = nullptr;
        const double value = std::strtod(number.c_str(), &end);
        if (*end != '\0' || number == ".") throw fail();
        rest.remove_prefix(digits);
        const std::string_view name = rest.substr(0, rest.find_first_of("0123456789."));
        const Unit* unit = nullptr;
        for (const Unit& candidate : units)
            if (candidate.name == name) unit = &candidate;
        if (unit == nullptr) throw fail();
        total += value * unit->nanoseconds;
        rest.remove_prefix(name.size());
    }
    if (total > 9.2e18) throw fail();
    return std::chrono::nanoseconds(static_cast<std::int64_t>(std::llround(negative ? -total : total)));
}

std::optional<system_clock::time_point> parseTime(std::string_view text) {
    if (text.size() < 19 || text.substr(0, 4) == "0001") return std::nullopt;
    std::tm tm{};
    const int century = twoDigits(text, 0), year = twoDigits(text, 2), month = twoDigits(text, 5), day = twoDigits(text, 8);
    tm.tm_hour = twoDigits(text, 11);
    tm.tm_min = twoDigits(text, 14);
    tm.tm_sec = twoDigits(text, 17);
    if (century < 0 || year < 0 || month < 1 || day < 1 || tm.tm_hour < 0 || tm.tm_min < 0 || tm.tm_sec < 0) return std::nullopt;
    tm.tm_year = century * 100 + year - 1900;
    tm.tm_mon = month - 1;
    tm.tm_mday = day;
    std::size_t at = 19;
    double fraction = 0;
    if (at < text.size() && text[at] == '.')
        for (double scale = 0.1; ++at < text.size() && text[at] >= '0' && text[at] <= '9'; scale /= 10) fraction += (text[at] - '0') * scale;
    long offset = 0;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
        const int hours = twoDigits(text, at + 1), minutes = twoDigits(text, at + 4);
        if (hours < 0 || minutes < 0) return std::nullopt;
        offset = (text[at] == '-' ? -1 : 1) * (hours * 3600L + minutes * 60L);
    }
    return system_clock::from_time_t(::timegm(&tm) - offset) +
           std::chrono::duration_cast<system_clock::duration>(std::chrono::duration<double>(fraction));
}

std::string ago(std::string_view rfc3339) {
    const auto time = parseTime(rfc3339);
    if (!time) return {};
    return humanDuration(std::chrono::duration_cast<seconds>(system_clock::now() - *time)) + " ago";
}

std::string goTime(std::string_view rfc3339) {
    const auto time = parseTime(rfc3339);
    if (!time) return "0001-01-01 00:00:00 +0000 UTC";
    const std::time_t value = system_clock::to_time_t(*time);
    std::tm tm{};
    ::gmtime_r(&value, &tm);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} +0000 UTC", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

std::string localTime(std::string_view rfc3339) {
    const auto time = parseTime(rfc3339);
    if (!time) return std::string(rfc3339);
    const std::time_t value = system_clock::to_time_t(*time);
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time->time_since_epoch()).count() % 1'000'000;
    std::tm tm{};
    ::localtime_r(&value, &tm);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, micros);
}

std::string statusText(const engine::ContainerState& state) {
    using engine::HealthStatus;
    using engine::Status;
    const auto since = [](const std::string& time) {
        const auto point = parseTime(time);
        return humanDuration(point ? std::chrono::duration_cast<seconds>(system_clock::now() - *point) : seconds(0));
    };
    switch (state.status) {
        case Status::Created: return "Created";
        case Status::Removing: return "Removal In Progress";
        case Status::Dead: return "Dead";
        case Status::Restarting: return fmt::format("Restarting ({}) {} ago", state.exitCode, since(state.finishedAt));
        case Status::Exited: return fmt::format("Exited ({}) {} ago", state.exitCode, since(state.finishedAt));
        case Status::Paused: return fmt::format("Up {} (Paused)", since(state.startedAt));
        case Status::Running: break;
    }
    std::string text = "Up " + since(state.startedAt);
    if (state.health == HealthStatus::Starting) text += " (health: starting)";
    else if (state.health != HealthStatus::None) text += fmt::format(" ({})", nameOf(state.health));
    return text;
}

}  // namespace devc::app

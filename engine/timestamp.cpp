#include "engine/timestamp.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <limits>
#include <optional>

#include "engine/duration.h"
#include "engine/error.h"

namespace devc::engine {

namespace {

constexpr std::int64_t second = 1'000'000'000;

/// A moment outside of what is counted (the years 1677 to 2262), such as 0001-01-01 or 9999-12-31, is the first or the last one.
std::int64_t momentOf(std::int64_t seconds, std::int64_t nanoseconds) {
    using Limits = std::numeric_limits<std::int64_t>;
    __extension__ using Wide = __int128;
    const Wide moment = static_cast<Wide>(seconds) * second + nanoseconds;
    return static_cast<std::int64_t>(std::clamp<Wide>(moment, Limits::min(), Limits::max()));
}

/// False for the 31st of April and the 25th hour.
bool exists(const std::tm& date) {
    std::tm normal = date;
    ::timegm(&normal);
    return normal.tm_mon == date.tm_mon && normal.tm_mday == date.tm_mday && normal.tm_hour == date.tm_hour && normal.tm_min == date.tm_min &&
           normal.tm_sec == date.tm_sec;
}

/// Takes what it recognises from the front of a text.
class Cursor {
public:
    explicit Cursor(std::string_view text) : rest_(text) {}
    bool atEnd() const { return rest_.empty(); }
    bool take(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    std::optional<std::int64_t> number(size_t digits) {
        if (rest_.size() < digits) return {};
        auto value = number();
        return value && lastDigits_ == digits ? value : std::nullopt;
    }
    std::optional<std::int64_t> number() {
        std::int64_t value = 0;
        if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') return {};
        auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (error != std::errc()) return {};
        lastDigits_ = static_cast<size_t>(end - rest_.data());
        rest_.remove_prefix(lastDigits_);
        return value;
    }
    /// The digits of a fraction as nanoseconds; digits after the ninth are dropped.
    std::optional<std::int64_t> fraction() {
        std::int64_t value = 0;
        size_t digits = 0;
        while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
            if (digits++ < 9) value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        if (digits == 0) return {};
        for (size_t i = digits; i < 9; ++i) value *= 10;
        return value;
    }
    std::string_view word() {
        size_t size = 0;
        while (size < rest_.size() && rest_[size] != '.' && (rest_[size] < '0' || rest_[size] > '9')) ++size;
        std::string_view word = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return word;
    }

private:
    std::string_view rest_;
    size_t lastDigits_ = 0;
};

std::optional<std::int64_t> parseDate(std::string_view text) {
    Cursor cursor(text);
    std::tm date{};
    auto year = cursor.number(4);
    if (!year || !cursor.take('-')) return {};
    auto month = cursor.number(2);
    if (!month || !cursor.take('-')) return {};
    auto day = cursor.number(2);
    if (!day) return {};
    date.tm_year = static_cast<int>(*year) - 1900;
    date.tm_mon = static_cast<int>(*month) - 1;
    date.tm_mday = static_cast<int>(*day);
    date.tm_isdst = -1;
    std::int64_t nanoseconds = 0;
    if (cursor.take('T') || cursor.take('t') || cursor.take(' ')) {
        auto hour = cursor.number(2);
        if (!hour || !cursor.take(':')) return {};
        auto minute = cursor.number(2);
        if (!minute) return {};
        date.tm_hour = static_cast<int>(*hour);
        date.tm_min = static_cast<int>(*minute);
        if (cursor.take(':')) {
            auto seconds = cursor.number(2);
            if (!seconds) return {};
            date.tm_sec = static_cast<int>(*seconds);
            if (cursor.take('.')) {
                auto fraction = cursor.fraction();
                if (!fraction) return {};
                nanoseconds = *fraction;
            }
        }
    }
    if (!exists(date)) return {};
    if (cursor.atEnd()) return momentOf(std::mktime(&date), nanoseconds);
    std::int64_t offset = 0;
    if (!cursor.take('Z') && !cursor.take('z')) {
        bool east = cursor.take('+');
        if (!east && !cursor.take('-')) return {};
        auto hours = cursor.number(2);
        if (!hours || !cursor.take(':')) return {};
        auto minutes = cursor.number(2);
        if (!minutes) return {};
        offset = (*hours * 3600 + *minutes * 60) * (east ? 1 : -1);
    }
    if (!cursor.atEnd()) return {};
    return momentOf(::timegm(&date) - offset, nanoseconds);
}

std::optional<std::int64_t> parseUnixSeconds(std::string_view text) {
    Cursor cursor(text);
    auto seconds = cursor.number();
    if (!seconds || *seconds > INT64_MAX / second - 1) return {};
    if (cursor.atEnd()) return *seconds * second;
    if (!cursor.take('.')) return {};
    auto fraction = cursor.fraction();
    if (!fraction || !cursor.atEnd()) return {};
    return *seconds * second + *fraction;
}

std::optional<std::int64_t> unitOf(std::string_view word) {
    if (word == "h") return 3600 * second;
    if (word == "m") return 60 * second;
    if (word == "s") return second;
    if (word == "ms") return 1'000'000;
    if (word == "us") return 1'000;
    if (word == "ns") return 1;
    return {};
}

}  // namespace

std::int64_t momentNow() {
    std::timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * second + now.tv_nsec;
}

std::string formatMoment(std::int64_t moment) {
    std::time_t seconds = moment / second;
    std::int64_t fraction = moment % second;
    if (fraction < 0) {
        fraction += second;
        --seconds;
    }
    std::tm date{};
    ::gmtime_r(&seconds, &date);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", date.tm_year + 1900, date.tm_mon + 1, date.tm_mday,
                       date.tm_hour, date.tm_min, date.tm_sec, fraction);
}

std::string timestampNow() { return formatMoment(momentNow()); }

std::optional<std::int64_t> nanosecondsOf(std::string_view text) {
    Cursor cursor(text);
    std::int64_t total = 0;
    if (text.empty()) return {};
    while (!cursor.atEnd()) {
        auto whole = cursor.number();
        std::int64_t fraction = 0;
        if (cursor.take('.')) {
            auto digits = cursor.fraction();
            if (!digits) return {};
            fraction = *digits;
        } else if (!whole) {
            return {};
        }
        auto unit = unitOf(cursor.word());
        if (!unit || whole.value_or(0) > INT64_MAX / 4 / *unit) return {};
        const std::int64_t part = whole.value_or(0) * *unit + static_cast<std::int64_t>(static_cast<double>(fraction) / 1e9 * static_cast<double>(*unit));
        if (__builtin_add_overflow(total, part, &total)) return {};
    }
    return total;
}

std::int64_t parseMoment(std::string_view text, std::int64_t now) {
    if (auto moment = parseDate(text)) return *moment;
    if (auto moment = parseUnixSeconds(text)) return *moment;
    if (auto duration = nanosecondsOf(text)) return now - *duration;
    throw Error::of("invalid time \"{}\"", text).hint("use RFC 3339 (2026-01-31T10:00:00Z), Unix seconds or a duration (10m)");
}

}  // namespace devc::engine

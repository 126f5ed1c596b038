#include "compose/source/scalar.h"

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

namespace devc::compose {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }

std::optional<std::int64_t> parseInteger(std::string_view text) {
    bool negative = false;
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        negative = text[0] == '-';
        text.remove_prefix(1);
    }
    int base = 10;
    if (text.size() > 1 && text[0] == '0') {
        switch (text[1]) {
            case 'x': case 'X': base = 16; break;
            case 'o': case 'O': base = 8; break;
            case 'b': case 'B': base = 2; break;
            default:
                if (!isDigit(text[1])) return std::nullopt;
                base = 8;
        }
        text.remove_prefix(isDigit(text[1]) ? 1 : 2);
    }
    if (text.empty() || !std::isxdigit(static_cast<unsigned char>(text[0]))) return std::nullopt;
    std::uint64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    constexpr std::uint64_t limit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (value > limit) return std::nullopt;
    return negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
}

/// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool looksLikeFloat(std::string_view text) {
    std::size_t i = 0;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    std::size_t whole = i;
    while (i < text.size() && isDigit(text[i])) ++i;
    bool digits = i > whole;
    if (i < text.size() && text[i] == '.') {
        std::size_t fraction = ++i;
        while (i < text.size() && isDigit(text[i])) ++i;
        digits = digits || i > fraction;
    }
    if (!digits) return false;
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
        ++i;
        if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
        std::size_t exponent = i;
        while (i < text.size() && isDigit(text[i])) ++i;
        if (i == exponent) return false;
    }
    return i == text.size();
}

std::optional<double> parseFloat(std::string_view text) {
    if (!looksLikeFloat(text)) return std::nullopt;
    if (text[0] == '+') text.remove_prefix(1);
    double value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range && text.find("e-") != std::string_view::npos) return 0.0;
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<double> parseSpecialFloat(std::string_view text) {
    bool negative = text.starts_with('-');
    std::string_view bare = negative || text.starts_with('+') ? text.substr(1) : text;
    if (bare == ".inf" || bare == ".Inf" || bare == ".INF") {
        return negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    }
    if (text == ".nan" || text == ".NaN" || text == ".NAN") return std::numeric_limits<double>::quiet_NaN();
    return std::nullopt;
}

/// Reads 1 to `most` digits.
std::optional<int> takeNumber(std::string_view& text, std::size_t most) {
    std::size_t length = 0;
    int value = 0;
    while (length < text.size() && length < most && isDigit(text[length])) {
        value = value * 10 + (text[length++] - '0');
    }
    if (length == 0) return std::nullopt;
    text.remove_prefix(length);
    return value;
}

bool take(std::string_view& text, char expected) {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(1);
    return true;
}

bool validDate(int year, int month, int day) {
    static constexpr std::array<int, 12> days = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1 || day > days[static_cast<std::size_t>(month - 1)]) return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month != 2 || day < 29 || leap;
}

/// The part after the seconds: "Z", "+05:30" or nothing. Returns how Go prints the zone.
std::optional<std::string> zoneText(std::string_view text, bool mayBeAbsent) {
    if (text.empty()) return mayBeAbsent ? std::optional<std::string>("+0000 UTC") : std::nullopt;
    if (text == "Z") return "+0000 UTC";
    char sign = text[0];
    if (sign != '+' && sign != '-') return std::nullopt;
    text.remove_prefix(1);
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    std::string_view rest = text;
    auto hours = takeNumber(rest, 2);
    if (!hours || !take(rest, ':')) return std::nullopt;
    auto minutes = takeNumber(rest, 2);
    if (!minutes || !rest.empty()) return std::nullopt;
    if (*hours == 0 && *minutes == 0) return "+0000 UTC";
    std::string offset = fmt::format("{}{:02}{:02}", sign, *hours, *minutes);
    return offset + " " + offset;
}

/// A date or time of YAML 1.1, as Go prints a time.Time.
std::optional<std::string> timestampText(std::string_view text) {
    if (text.size() < 8 || text[4] != '-') return std::nullopt;
    auto year = takeNumber(text, 4);
    if (!year || !take(text, '-')) return std::nullopt;
    auto month = takeNumber(text, 2);
    if (!month || !take(text, '-')) return std::nullopt;
    auto day = takeNumber(text, 2);
    if (!day || !validDate(*year, *month, *day)) return std::nullopt;
    std::string date = fmt::format("{:04}-{:02}-{:02}", *year, *month, *day);
    if (text.empty()) return date + " 00:00:00 +0000 UTC";
    char separator = text[0];
    if (separator != 'T' && separator != 't' && separator != ' ') return std::nullopt;
    text.remove_prefix(1);
    auto hour = takeNumber(text, 2);
    if (!hour || !take(text, ':')) return std::nullopt;
    auto minute = takeNumber(text, 2);
    if (!minute || !take(text, ':')) return std::nullopt;
    auto second = takeNumber(text, 2);
    if (!second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
    std::string fraction;
    if (take(text, '.')) {
        while (!text.empty() && isDigit(text[0])) {
            fraction += text[0];
            text.remove_prefix(1);
        }
        if (fraction.empty() || fraction.size() > 9) return std::nullopt;
        while (fraction.ends_with('0')) fraction.pop_back();
        if (!fraction.empty()) fraction.insert(0, ".");
    }
    auto zone = separator == ' ' ? (text.empty() ? zoneText(text, true) : std::nullopt) : zoneText(text, false);
    if (!zone) return std::nullopt;
    return fmt::format("{} {:02}:{:02}:{:02}{} {}", date, *hour, *minute, *second, fraction, *zone);
}

std::string shortest(double value, bool exponent) {
    std::array<char, 400> buffer{};
    auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                      exponent ? std::chars_format::scientific : std::chars_format::fixed);
    (void)error;
    return std::string(buffer.data(), end);
}

/// A whole number of 20 digits at most that does not fit an int64 keeps its digits.
Node largeNumber(const std::string& digits, double value, Position at) {
    Node node = Node::floating(value, at);
    bool fits = value >= 9223372036854775807.0 && value < 18446744073709551615.0 && digits.find_first_not_of("0123456789") == std::string::npos;
    if (fits) node.text = digits;
    return node;
}

}  // namespace

std::string floatText(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    if (value == 0) return std::signbit(value) ? "-0" : "0";
    double magnitude = std::fabs(value);
    return shortest(value, magnitude < 1e-4 || magnitude >= 1e6);
}

std::string jsonNumber(const Node& number) {
    if (!number.text.empty()) return number.text;
    double magnitude = std::fabs(number.real);
    if (number.real == 0) return std::signbit(number.real) ? "-0" : "0";
    std::string text = shortest(number.real, magnitude < 1e-6 || magnitude >= 1e21);
    if (std::size_t zero = text.find("e-0"); zero != std::string::npos) text.erase(zero + 2, 1);
    return text;
}

Node resolveScalar(std::string_view text, Position at) {
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return Node::null(at);
    if (text == "true" || text == "True" || text == "TRUE") return Node::boolean(true, at);
    if (text == "false" || text == "False" || text == "FALSE") return Node::boolean(false, at);
    char first = text[0];
    if (isDigit(first) || first == '+' || first == '-' || first == '.') {
        if (auto special = parseSpecialFloat(text)) return Node::floating(*special, at);
        if (auto time = timestampText(text)) return Node::string(std::move(*time), at);
        std::string plain;
        for (char c : text) {
            if (c != '_') plain += c;
        }
        if (plain == "-0") return Node::floating(-0.0, at);
        if (auto number = parseInteger(plain)) return Node::number(*number, at);
        if (auto number = parseFloat(plain)) return largeNumber(plain, *number, at);
    }
    return Node::string(std::string(text), at);
}

bool readsAsString(std::string_view text) {
    if (timestampText(text)) return false;
    return resolveScalar(text, {}).isString();
}

}  // namespace devc::compose

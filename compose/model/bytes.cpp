#include "compose/model/bytes.h"

#include <charconv>
#include <cmath>
#include <string>

namespace devc::compose {

std::optional<std::int64_t> parseBytes(std::string_view text) {
    constexpr double largest = 9.2e18;
    std::size_t length = text.find_last_of("0123456789. ");
    if (length == std::string_view::npos) return std::nullopt;
    std::string_view number = text.substr(0, length + 1);
    std::string_view unit = text.substr(length + 1);
    if (number.ends_with(' ')) number.remove_suffix(1);
    if (number.starts_with('+')) number.remove_prefix(1);
    double value = 0;
    auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error != std::errc{} || end != number.data() + number.size()) return std::nullopt;
    if (value < 0) return value == -1 && unit.empty() ? std::optional<std::int64_t>(-1) : std::nullopt;
    double factor = 1;
    if (!unit.empty()) {
        constexpr std::string_view prefixes = "bkmgtp";
        char first = unit[0] >= 'A' && unit[0] <= 'Z' ? static_cast<char>(unit[0] - 'A' + 'a') : unit[0];
        std::size_t power = prefixes.find(first);
        if (power == std::string_view::npos) return std::nullopt;
        std::string rest;
        for (char c : unit.substr(1)) rest += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        bool known = rest.empty() || (power > 0 && (rest == "b" || rest == "ib"));
        if (!known) return std::nullopt;
        factor = std::pow(1024.0, static_cast<double>(power));
    }
    double bytes = value * factor;
    if (!(bytes < largest)) return std::nullopt;
    return static_cast<std::int64_t>(bytes);
}

}  // namespace devc::compose

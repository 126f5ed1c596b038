#include "engine/log/option_values.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "engine/duration.h"
#include "engine/error.h"

namespace devc::engine {

namespace {

const std::string* find(const LogOptions& options, const std::string& name) {
    auto found = options.find(name);
    return found == options.end() ? nullptr : &found->second;
}

/// "b", "k", "kb", "KiB", ...: the power of the unit, or nothing.
std::optional<int> powerOf(std::string_view unit) {
    if (unit.empty() || unit == "b" || unit == "B") return 0;
    std::string_view rest = unit.substr(1);
    if (!rest.empty() && rest != "b" && rest != "B" && rest != "ib" && rest != "iB") return {};
    switch (unit.front()) {
        case 'k': case 'K': return 1;
        case 'm': case 'M': return 2;
        case 'g': case 'G': return 3;
        case 't': case 'T': return 4;
        default: return {};
    }
}

std::optional<std::uint64_t> bytesOf(std::string_view text, double base) {
    double number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
    if (unit.starts_with(' ')) unit.remove_prefix(1);
    std::optional<int> power = powerOf(unit);
    if (error != std::errc{} || !power || !(number >= 0)) return {};
    double bytes = number * std::pow(base, *power);
    if (bytes > 9e18) return {};
    return static_cast<std::uint64_t>(bytes);
}

}  // namespace

std::uint64_t sizeOption(const LogOptions& options, const std::string& name, std::uint64_t otherwise, Unit unit) {
    const std::string* text = find(options, name);
    if (!text) return otherwise;
    if (*text == "-1") return std::numeric_limits<std::uint64_t>::max();
    std::optional<std::uint64_t> bytes = bytesOf(*text, unit == Unit::Decimal ? 1000 : 1024);
    if (!bytes || !*bytes) throw Error::of("invalid value for log option {}: invalid size: '{}'", name, *text).hint("write it as 10m");
    return *bytes;
}

unsigned countOption(const LogOptions& options, const std::string& name, unsigned otherwise, unsigned least) {
    const std::string* text = find(options, name);
    if (!text) return otherwise;
    unsigned number = 0;
    auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc{} || end != text->data() + text->size()) throw Error::of("invalid value for log option {}: {} is no number", name, *text);
    if (number < least) throw Error::of("{} cannot be less than {}", name, least);
    return number;
}

bool flagOption(const LogOptions& options, const std::string& name, bool otherwise) {
    const std::string* text = find(options, name);
    if (!text) return otherwise;
    for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"})
        if (*text == yes) return true;
    for (const char* no : {"0", "f", "F", "false", "FALSE", "False"})
        if (*text == no) return false;
    throw Error::of("invalid value for option {}: {}", name, *text).hint("write true or false");
}

std::chrono::nanoseconds durationOption(const LogOptions& options, const std::string& name, std::chrono::nanoseconds otherwise) {
    const std::string* text = find(options, name);
    if (!text) return otherwise;
    std::optional<std::int64_t> duration = nanosecondsOf(*text);
    if (!duration) throw Error::of("invalid value for log option {}: invalid duration \"{}\"", name, *text).hint("write it as 500ms or 2s");
    return std::chrono::nanoseconds(*duration);
}

std::string textOption(const LogOptions& options, const std::string& name, const std::string& otherwise) {
    const std::string* text = find(options, name);
    return text ? *text : otherwise;
}

}  // namespace devc::engine

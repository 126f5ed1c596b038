#include "engine/template/format.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

namespace devc::engine {
namespace {

using nlohmann::json;

struct Verb {
    bool minus = false, plus = false, sharp = false, space = false, zero = false;
    int width = 0, precision = -1;
    char letter = 'v';
};

std::string_view goType(const json& value) {
    switch (value.type()) {
        case json::value_t::string: return "string";
        case json::value_t::boolean: return "bool";
        case json::value_t::number_float: return "float64";
        case json::value_t::number_integer:
        case json::value_t::number_unsigned: return "int";
        case json::value_t::null: return "<nil>";
        default: return value.is_array() ? "[]interface {}" : "map[string]interface {}";
    }
}

std::string padded(std::string text, const Verb& verb) {
    const auto width = static_cast<std::size_t>(verb.width);
    const auto characters = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
    if (characters >= width) return text;
    const std::size_t missing = width - characters;
    if (verb.minus) return text + std::string(missing, ' ');
    if (verb.zero) {
        const std::size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
        return text.substr(0, sign) + std::string(missing, '0') + text.substr(sign);
    }
    return std::string(missing, ' ') + text;
}

std::string hexadecimal(const std::string& text, bool capitals) {
    std::string result;
    for (const char c : text) result += fmt::format(fmt::runtime(capitals ? "{:02X}" : "{:02x}"), static_cast<unsigned>(static_cast<unsigned char>(c)));
    return result;
}

std::string goQuoted(const std::string& text) { return json(text).dump(-1, ' ', false, json::error_handler_t::replace); }

std::string integer(const json& value, const Verb& verb) {
    const bool negative = value.is_number_integer() && !value.is_number_unsigned() && value.get<std::int64_t>() < 0;
    const std::uint64_t magnitude = negative ? 0 - static_cast<std::uint64_t>(value.get<std::int64_t>()) : value.get<std::uint64_t>();
    std::string digits;
    switch (verb.letter) {
        case 'x': digits = fmt::format("{}{:x}", verb.sharp ? "0x" : "", magnitude); break;
        case 'X': digits = fmt::format("{}{:X}", verb.sharp ? "0X" : "", magnitude); break;
        case 'o': digits = fmt::format("{}{:o}", verb.sharp ? "0" : "", magnitude); break;
        case 'b': digits = fmt::format("{:b}", magnitude); break;
        case 'U': digits = fmt::format("U+{:04X}", magnitude); break;
        case 'c': return padded(magnitude < 0x80 ? std::string(1, static_cast<char>(magnitude)) : "?", verb);
        default: digits = fmt::format("{}", magnitude);
    }
    return padded((negative ? "-" : verb.plus ? "+" : verb.space ? " " : "") + digits, verb);
}

std::string real(double value, const Verb& verb) {
    const char letter = verb.letter == 'F' ? 'f' : verb.letter == 'v' ? 'g' : verb.letter;
    if (letter == 'g' && verb.precision < 0) return padded(fmt::format("{}", value), verb);
    const std::string format = fmt::format("{{:{}.{}{}}}", verb.plus ? "+" : "", verb.precision < 0 ? 6 : verb.precision, letter);
    return padded(fmt::format(fmt::runtime(format), value), verb);
}

std::string one(const TemplateValue& argument, Verb verb) {
    const json& value = argument.json;
    const char letter = verb.letter;
    const auto is = [letter](std::string_view letters) { return letters.find(letter) != std::string_view::npos; };
    if (value.is_number_float() && is("vfFeEgG")) return real(value.get<double>(), verb);
    if (value.is_number_integer() && is("vdxXobcU")) return integer(value, verb);
    if (!verb.minus && is("vsqt")) verb.zero = false;
    if (value.is_boolean() && is("vt")) return padded(printed(argument), verb);
    if (value.is_string() && is("vsqxX")) {
        std::string text = value.get<std::string>();
        if (verb.precision >= 0 && text.size() > static_cast<std::size_t>(verb.precision)) text.resize(static_cast<std::size_t>(verb.precision));
        if (letter == 'q' || (letter == 'v' && verb.sharp)) text = goQuoted(text);
        if (is("xX")) text = hexadecimal(text, letter == 'X');
        return padded(text, verb);
    }
    if (value.is_array() && !is("v")) {
        std::string result = "[";
        for (const json& item : value) result += (result.size() > 1 ? " " : "") + one(TemplateValue{item, {}, {}, false}, verb);
        return result + "]";
    }
    if (letter == 'T') return std::string(goType(value));
    if (is("v") || (value.is_structured() && is("s"))) return padded(printed(argument), verb);
    return fmt::format("%!{}({}={})", letter, goType(value), printed(argument));
}

constexpr int widest = 4096;  // more would only serve to exhaust memory

}  // namespace

std::string goFormat(std::string_view format, const std::vector<TemplateValue>& arguments) {
    std::string result;
    std::size_t next = 0;
    for (std::size_t at = 0; at < format.size(); ++at) {
        if (format[at] != '%') {
            result += format[at];
            continue;
        }
        Verb verb;
        for (++at; at < format.size() && std::string_view("-+# 0").find(format[at]) != std::string_view::npos; ++at) {
            verb.minus |= format[at] == '-';
            verb.plus |= format[at] == '+';
            verb.sharp |= format[at] == '#';
            verb.space |= format[at] == ' ';
            verb.zero |= format[at] == '0';
        }
        const auto number = [&](int& into) {
            if (at < format.size() && format[at] == '*') {
                ++at;
                if (next < arguments.size() && arguments[next].json.is_number_integer()) into = static_cast<int>(std::clamp<std::int64_t>(arguments[next].json.get<std::int64_t>(), -widest, widest));
                ++next;
                return;
            }
            for (into = 0; at < format.size() && format[at] >= '0' && format[at] <= '9'; ++at) into = std::min(widest, into * 10 + (format[at] - '0'));
        };
        number(verb.width);
        if (verb.width < 0) {
            verb.minus = true;
            verb.width = -verb.width;
        }
        if (at < format.size() && format[at] == '.') {
            ++at;
            number(verb.precision);
        }
        if (at >= format.size()) return result + "%!(NOVERB)";
        verb.letter = format[at];
        if (verb.letter == '%') result += '%';
        else if (next >= arguments.size()) result += fmt::format("%!{}(MISSING)", verb.letter);
        else result += one(arguments[next++], verb);
    }
    if (next < arguments.size()) {
        result += "%!(EXTRA ";
        for (std::size_t i = next; i < arguments.size(); ++i)
            result += fmt::format("{}{}={}", i > next ? ", " : "", goType(arguments[i].json), printed(arguments[i]));
        result += ')';
    }
    return result;
}

bool hasUserKeys(const std::string& name) {
    static constexpr std::array<std::string_view, 20> maps = {
        "Labels", "Networks", "Ports", "Options", "Sysctls", "Annotations", "Containers", "Volumes", "ExposedPorts", "PortBindings", "Config.Config",
        "Tmpfs", "StorageOpt", "AuxiliaryAddresses", "AuxAddress", "Attributes", "DriverOpts", "Data", "LogOpts", "Actor.Attributes"};
    return std::find(maps.begin(), maps.end(), name) != maps.end();
}

std::string printed(const TemplateValue& value) {
    const json& j = value.json;
    if (value.noValue) return "<no value>";
    if (j.is_string()) return j.get<std::string>();
    if (j.is_null()) {
        // inspect writes null for lists and maps that are not set; pointers are the few named here.
        static constexpr std::array<std::string_view, 7> pointers = {"Health", "Healthcheck", "IPAMConfig", "OomKillDisable", "MemorySwappiness", "PidsLimit", "Init"};
        if (value.name.empty() || std::find(pointers.begin(), pointers.end(), value.name) != pointers.end()) return "<nil>";
        return hasUserKeys(value.name) ? "map[]" : "[]";
    }
    if (j.is_array()) {
        std::string result = "[";
        for (const json& item : j) result += (result.size() > 1 ? " " : "") + printed(TemplateValue{item, {}, {}, false});
        return result + "]";
    }
    if (j.is_object()) {
        std::string result = "map[";
        for (const auto& [key, item] : j.items()) result += fmt::format("{}{}:{}", result.size() > 4 ? " " : "", key, printed(TemplateValue{item, {}, {}, false}));
        return result + "]";
    }
    if (j.is_number_float()) return fmt::format("{}", j.get<double>());
    return j.dump();
}

}  // namespace devc::engine

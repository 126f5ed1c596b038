#include "app/commands/device_flags.h"

#include <charconv>
#include <vector>

#include "app/ui/human.h"
#include "engine/container/cdi.h"
#include "engine/error.h"

namespace devc::app {

using engine::Error;

namespace {

/// Parts between commas; one in double quotes may have commas itself.
std::vector<std::string> commaSeparated(const std::string& text) {
    std::vector<std::string> parts(1);
    bool quoted = false;
    for (const char letter : text) {
        if (letter == '"') quoted = !quoted;
        else if (letter == ',' && !quoted) parts.emplace_back();
        else parts.back() += letter;
    }
    return parts;
}

std::int64_t numberOf(const std::string& text) {
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size() || number < 0) throw Error::of("{} is not a number", text);
    return number;
}

std::int64_t countOf(const std::string& text) { return text == "all" ? -1 : numberOf(text); }

}  // namespace

engine::DeviceSpec parseDevice(const std::string& text) {
    engine::DeviceSpec device;
    if (engine::isCdiName(text)) {
        device.source = text;
        return device;
    }
    const std::size_t first = text.find(':'), second = first == std::string::npos ? first : text.find(':', first + 1);
    device.source = text.substr(0, first);
    device.target = device.source;
    const auto isMode = [](const std::string& mode) { return !mode.empty() && mode.find_first_not_of("rwm") == std::string::npos; };
    if (first != std::string::npos) {
        const std::string middle = text.substr(first + 1, second == std::string::npos ? second : second - first - 1);
        if (second == std::string::npos && isMode(middle)) device.permissions = middle;
        else device.target = middle;
    }
    if (second != std::string::npos) device.permissions = text.substr(second + 1);
    if (device.source.empty() || device.target.empty() || device.target[0] != '/' || !isMode(device.permissions))
        throw Error::of("bad device specification: {}", text);
    return device;
}

engine::DeviceRequest parseGpus(const std::string& text) {
    engine::DeviceRequest request;
    for (const std::string& part : commaSeparated(text)) {
        const std::size_t equals = part.find('=');
        const std::string key = part.substr(0, equals), value = equals == std::string::npos ? "" : part.substr(equals + 1);
        if (equals == std::string::npos) request.count = countOf(part);
        else if (key == "count") request.count = countOf(value);
        else if (key == "device") request.ids = commaSeparated(value);
        else if (key == "driver") request.driver = value;
        else if (key == "capabilities") request.capabilities = commaSeparated(value);
        else if (key == "options") request.options[value.substr(0, value.find('='))] = value.find('=') == std::string::npos ? "" : value.substr(value.find('=') + 1);
        else throw Error::of("unexpected key '{}' in '{}'", key, part);
    }
    if (request.count == 0 && request.ids.empty()) request.count = 1;
    if (request.capabilities.empty()) request.capabilities = {"gpu"};
    return request;
}

engine::BlockDeviceLimit parseBlockLimit(const std::string& text, BlockValue kind) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0) throw Error::of("bad format: {}", text).hint("write it as /dev/NAME:NUMBER");
    const std::string path = text.substr(0, colon), value = text.substr(colon + 1);
    if (!path.starts_with("/dev/")) throw Error::of("bad format for device path: {}", text);
    const std::int64_t number = kind == BlockValue::Bytes ? parseSize(value) : numberOf(value);
    if (kind == BlockValue::Weight && number != 0 && (number < 10 || number > 1000)) throw Error::of("invalid weight for device: {}", text);
    if (number < 0) throw Error::of("invalid rate for device: {}", text);
    return {path, static_cast<std::uint64_t>(number)};
}

}  // namespace devc::app

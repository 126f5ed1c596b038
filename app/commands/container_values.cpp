#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "app/commands/container_flags.h"
#include "app/ui/human.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::Error;
using engine::MountSpec;
using engine::MountType;

std::string cleanTarget(const std::string& target) {
    if (target.empty() || target[0] != '/') throw Error::of("invalid mount path: '{}' mount path must be absolute", target);
    std::string clean = std::filesystem::path(target).lexically_normal();
    if (clean.size() > 1 && clean.back() == '/') clean.pop_back();
    if (clean == "/") throw Error("invalid specification: destination can't be '/'");
    return clean;
}

std::string hostPath(const std::string& path) {
    return std::filesystem::absolute(path).lexically_normal();
}

struct PortRange {
    unsigned first = 0, last = 0;
};
PortRange parseRange(const std::string& text, std::string_view whole) {
    const auto port = [&](const std::string& part) {
        if (part.empty() || part.size() > 5 || part.find_first_not_of("0123456789") != std::string::npos) throw Error::of("invalid port: {}", whole);
        const unsigned value = static_cast<unsigned>(std::stoul(part));
        if (value > 65535) throw Error::of("invalid port: {}: value out of range", whole);
        return value;
    };
    const std::size_t dash = text.find('-');
    const PortRange range{port(text.substr(0, dash)), dash == std::string::npos ? port(text) : port(text.substr(dash + 1))};
    if (range.last < range.first) throw Error::of("invalid port range: {}", whole);
    return range;
}

/// The fields of one line of CSV: quotes keep commas.
std::vector<std::string> csvFields(std::string_view text) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (const char c : text) {
        if (c == '"') quoted = !quoted;
        else if (c == ',' && !quoted) fields.emplace_back();
        else fields.back() += c;
    }
    return fields;
}

bool truth(const std::string& key, const std::string& value) {
    if (value.empty() || value == "true" || value == "1") return true;
    if (value == "false" || value == "0") return false;
    throw Error::of("invalid value for {}: {}", key, value);
}

void applyVolumeOption(MountSpec& mount, const std::string& option, std::string_view whole) {
    static constexpr std::string_view propagations[] = {"shared", "slave", "private", "rshared", "rslave", "rprivate"};
    static constexpr std::string_view ignored[] = {"z", "Z", "cached", "delegated", "consistent"};
    const auto in = [&](const auto& names) { return std::find(std::begin(names), std::end(names), option) != std::end(names); };
    if (option == "ro") mount.readOnly = true;
    else if (option == "rw") mount.readOnly = false;
    else if (option == "nocopy") mount.noCopy = true;
    else if (in(propagations)) mount.propagation = option;
    else if (!in(ignored) && !option.empty()) throw Error::of("invalid volume specification: '{}': invalid mode: {}", whole, option);
}

void applyMountField(MountSpec& mount, const std::string& key, const std::string& value) {
    if (key == "type") {
        if (value == "bind") mount.type = MountType::Bind;
        else if (value == "volume") mount.type = MountType::Volume;
        else if (value == "tmpfs") mount.type = MountType::Tmpfs;
        else if (value == "image") mount.type = MountType::Image;
        else throw Error::of("mount type \"{}\" unknown", value);
    } else if (key == "source" || key == "src") mount.source = value;
    else if (key == "target" || key == "dst" || key == "destination") mount.target = cleanTarget(value);
    else if (key == "readonly" || key == "ro") mount.readOnly = truth(key, value);
    else if (key == "bind-propagation") mount.propagation = value;
    else if (key == "bind-create-src") mount.createHostPath = truth(key, value);
    else if (key == "bind-nonrecursive") mount.recursive = !truth(key, value);
    else if (key == "bind-recursive") mount.recursive = value != "disabled";
    else if (key == "volume-nocopy") mount.noCopy = truth(key, value);
    else if (key == "volume-subpath" || key == "image-subpath") mount.subpath = value;
    else if (key == "volume-label") mount.volumeLabels[value.substr(0, value.find('='))] = value.find('=') == std::string::npos ? "" : value.substr(value.find('=') + 1);
    else if (key == "volume-driver") {
        if (value != "local") throw Error::of("no volume driver \"{}\": devc knows \"local\"", value);
    } else if (key == "tmpfs-size") mount.tmpfsSize = static_cast<std::uint64_t>(parseSize(value));
    else if (key == "tmpfs-mode") {
        char* end = nullptr;
        mount.tmpfsMode = static_cast<std::uint32_t>(std::strtoul(value.c_str(), &end, 8));
        if (value.empty() || *end != '\0' || mount.tmpfsMode > 07777) throw Error::of("invalid value for {}: {}", key, value);
    } else if (key != "consistency") throw Error::of("unexpected key '{}' in '{}={}'", key, key, value);
}

}  // namespace

std::vector<engine::PortBinding> parsePublish(std::string_view whole) {
    std::string text(whole), protocol = "tcp", ip, host;
    if (const std::size_t slash = text.rfind('/'); slash != std::string::npos) {
        protocol = text.substr(slash + 1);
        text.erase(slash);
        if (protocol != "tcp" && protocol != "udp" && protocol != "sctp") throw Error::of("invalid proto: {}", protocol);
    }
    std::string inside = text;
    if (const std::size_t colon = text.rfind(':'); colon != std::string::npos) {
        inside = text.substr(colon + 1);
        host = text.substr(0, colon);
        if (const std::size_t second = host.rfind(':'); second != std::string::npos) {
            ip = host.substr(0, second);
            host.erase(0, second + 1);
            if (ip.size() > 2 && ip.front() == '[' && ip.back() == ']') ip = ip.substr(1, ip.size() - 2);
        }
    }
    if (inside.empty()) throw Error::of("no port specified: {}<empty>", whole);
    const PortRange target = parseRange(inside, whole);
    if (target.first == 0) throw Error::of("invalid port: {}", whole);
    const PortRange published = host.empty() ? PortRange{} : parseRange(host, whole);
    const unsigned count = target.last - target.first + 1;
    const bool choice = count == 1 && published.last > published.first;
    if (!host.empty() && !choice && published.last - published.first + 1 != count) throw Error::of("invalid ranges specified for container and host Ports: {} and {}", inside, host);
    std::vector<engine::PortBinding> result;
    for (unsigned i = 0; i < count; ++i) {
        engine::PortBinding binding;
        binding.containerPort = static_cast<std::uint16_t>(target.first + i);
        binding.protocol = protocol;
        binding.hostIp = ip;
        binding.hostPort = host.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(published.first + i);
        binding.hostPortEnd = choice ? static_cast<std::uint16_t>(published.last) : std::uint16_t{0};
        result.push_back(std::move(binding));
    }
    return result;
}

MountSpec parseVolumeFlag(std::string_view whole) {
    std::vector<std::string> parts(1);
    for (const char c : whole) {
        if (c == ':') parts.emplace_back();
        else parts.back() += c;
    }
    if (parts.size() > 3 || std::any_of(parts.begin(), parts.end(), [](const std::string& p) { return p.empty(); }))
        throw Error::of("invalid volume specification: '{}'", whole);
    MountSpec mount;
    if (parts.size() == 1) {
        mount.target = cleanTarget(parts[0]);
        return mount;
    }
    mount.target = cleanTarget(parts[1]);
    mount.source = parts[0];
    if (mount.source[0] == '/' || mount.source[0] == '.' || mount.source[0] == '~') {
        mount.type = MountType::Bind;
        const char* home = std::getenv("HOME");
        if (mount.source[0] == '~' && home != nullptr) mount.source = home + mount.source.substr(1);
        mount.source = hostPath(mount.source);
    } else if (mount.source.find('/') != std::string::npos) {
        throw Error::of("create {}: \"{}\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. "
                        "If you intended to pass a host directory, use absolute path", mount.source, mount.source);
    }
    if (parts.size() == 3)
        for (const std::string& option : csvFields(parts[2])) applyVolumeOption(mount, option, whole);
    return mount;
}

MountSpec parseMountFlag(std::string_view whole) {
    MountSpec mount;
    mount.createHostPath = false;
    for (const std::string& field : csvFields(whole)) {
        const std::size_t equals = field.find('=');
        std::string key = field.substr(0, equals);
        std::transform(key.begin(), key.end(), key.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        if (equals == std::string::npos && key != "readonly" && key != "ro" && key != "volume-nocopy" && key != "bind-nonrecursive" && key != "bind-create-src")
            throw Error::of("invalid field '{}' must be a key=value pair", field);
        if (key == "volume-opt") throw Error("volume-opt is not supported on --mount: make the volume with `devc volume create -o`");
        applyMountField(mount, key, equals == std::string::npos ? "" : field.substr(equals + 1));
    }
    if (mount.target.empty()) throw Error("target is required");
    if (mount.type == MountType::Bind) {
        if (mount.source.empty()) throw Error("source is required for a bind mount");
        mount.source = hostPath(mount.source);
    }
    return mount;
}

std::int64_t parseCpus(std::string_view text) {
    const std::string copy(text);
    char* end = nullptr;
    const double value = std::strtod(copy.c_str(), &end);
    if (copy.empty() || *end != '\0' || !(value >= 0) || value > 1e6) throw Error::of("failed to parse {} as a rational number", text);
    return std::llround(value * 1e9);
}

std::int64_t parseMemory(std::string_view text) { return text == "-1" ? -1 : parseSize(text); }

}  // namespace devc::app

#include <charconv>
#include <filesystem>

#include "app/project/service_spec.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::Error;

struct PortRange {
    std::uint16_t first = 0, last = 0;
};

PortRange rangeOf(std::string_view text, const std::string& whole) {
    const std::size_t dash = text.find('-');
    const auto number = [&](std::string_view digits) {
        std::uint16_t value = 0;
        const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (problem != std::errc() || end != digits.data() + digits.size() || digits.empty())
            throw Error::of("invalid port specification {}: {} is no port", whole, digits).status(1);
        return value;
    };
    const PortRange range{number(text.substr(0, dash)), number(dash == std::string_view::npos ? text : text.substr(dash + 1))};
    if (range.last < range.first) throw Error::of("invalid port specification {}: the range ends before it begins", whole);
    return range;
}

}  // namespace

std::vector<engine::PortBinding> parsePublish(const std::string& text) {
    std::string_view rest = text;
    engine::PortBinding model;
    if (const std::size_t slash = rest.rfind('/'); slash != std::string_view::npos) {
        model.protocol = rest.substr(slash + 1);
        rest = rest.substr(0, slash);
        if (model.protocol != "tcp" && model.protocol != "udp" && model.protocol != "sctp")
            throw Error::of("invalid port specification {}: the protocol is tcp, udp or sctp", text);
    }
    const std::size_t lastColon = rest.rfind(':');
    const PortRange container = rangeOf(lastColon == std::string_view::npos ? rest : rest.substr(lastColon + 1), text);
    PortRange host;
    if (lastColon != std::string_view::npos) {
        std::string_view left = rest.substr(0, lastColon);
        const std::size_t colon = left.rfind(':');
        if (colon != std::string_view::npos && left.back() != ']') {
            model.hostIp = left.substr(0, colon);
            left = left.substr(colon + 1);
        } else if (left.find('.') != std::string_view::npos || (!left.empty() && left.back() == ']')) {
            model.hostIp = left;
            left = {};
        }
        if (model.hostIp.size() > 2 && model.hostIp.front() == '[') model.hostIp = model.hostIp.substr(1, model.hostIp.size() - 2);
        if (!left.empty()) host = rangeOf(left, text);
    }
    const int ports = container.last - container.first, hostPorts = host.last - host.first;
    if (host.first != 0 && ports != 0 && hostPorts != ports)
        throw Error::of("invalid port specification {}: both ranges must be as long", text);
    std::vector<engine::PortBinding> result;
    for (int offset = 0; offset <= ports; ++offset) {
        engine::PortBinding port = model;
        port.containerPort = static_cast<std::uint16_t>(container.first + offset);
        if (host.first != 0) port.hostPort = static_cast<std::uint16_t>(host.first + offset);
        if (ports == 0 && hostPorts > 0) port.hostPortEnd = host.last;
        result.push_back(port);
    }
    return result;
}

engine::MountSpec parseVolume(const std::string& text, const std::string& folder) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t colon = std::min(text.find(':', begin), text.size());
        parts.push_back(text.substr(begin, colon - begin));
        begin = colon + 1;
    }
    if (parts.size() > 3 || parts.back().empty()) throw Error::of("invalid volume specification {}", text).hint("[SOURCE:]TARGET[:ro]");
    engine::MountSpec mount;
    mount.target = parts.size() == 1 ? parts[0] : parts[1];
    if (mount.target.empty() || mount.target[0] != '/') throw Error::of("invalid volume specification {}: the target must be absolute", text);
    if (parts.size() > 1) {
        mount.source = parts[0];
        if (!mount.source.empty() && (mount.source[0] == '/' || mount.source[0] == '.' || mount.source[0] == '~')) {
            mount.type = engine::MountType::Bind;
            const char* home = std::getenv("HOME");
            if (mount.source[0] == '~' && home != nullptr) mount.source = home + mount.source.substr(1);
            mount.source = (std::filesystem::path(folder) / mount.source).lexically_normal();
        }
    }
    if (parts.size() == 3) {
        for (std::size_t begin = 0; begin <= parts[2].size();) {
            const std::size_t comma = std::min(parts[2].find(',', begin), parts[2].size());
            const std::string option = parts[2].substr(begin, comma - begin);
            if (option == "ro") mount.readOnly = true;
            else if (option == "nocopy") mount.noCopy = true;
            else if (option.find("private") != std::string::npos || option.find("shared") != std::string::npos || option.find("slave") != std::string::npos)
                mount.propagation = option;
            else if (option != "rw" && option != "z" && option != "Z" && option != "cached" && option != "delegated" && option != "consistent")
                throw Error::of("invalid volume specification {}: unknown option {}", text, option);
            begin = comma + 1;
        }
    }
    return mount;
}

}  // namespace devc::app

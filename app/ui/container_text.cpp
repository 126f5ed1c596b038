#include "app/ui/container_text.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

#include <fmt/format.h>

namespace devc::app {
namespace {

using engine::Container;

struct Published {
    std::string ip, protocol;
    unsigned host = 0, container = 0;  ///< host 0: exposed only
};

std::string rangeText(unsigned first, unsigned last) {
    return first == last ? std::to_string(first) : fmt::format("{}-{}", first, last);
}

/// Ports of one address that follow each other on both sides are one entry.
std::vector<std::string> joined(std::vector<Published> ports) {
    std::sort(ports.begin(), ports.end(), [](const Published& a, const Published& b) {
        return std::tie(a.protocol, a.ip, a.container, a.host) < std::tie(b.protocol, b.ip, b.container, b.host);
    });
    std::vector<std::string> result;
    for (std::size_t i = 0; i < ports.size();) {
        const Published& first = ports[i];
        std::size_t count = 1;
        while (i + count < ports.size()) {
            const Published& next = ports[i + count];
            const bool follows = next.ip == first.ip && next.protocol == first.protocol && next.container == first.container + count &&
                                 (first.host == 0 ? next.host == 0 : next.host == first.host + count);
            if (!follows) break;
            ++count;
        }
        const auto more = static_cast<unsigned>(count - 1);
        const std::string inside = rangeText(first.container, first.container + more) + "/" + first.protocol;
        const std::string ip = first.ip.find(':') != std::string::npos ? "[" + first.ip + "]" : first.ip;
        result.push_back(first.host == 0 ? inside : fmt::format("{}:{}->{}", ip, rangeText(first.host, first.host + more), inside));
        i += count;
    }
    return result;
}

bool isLive(const Container& container) { return engine::isUp(container.state); }

}  // namespace

std::string shortId(const std::string& id) {
    return (id.rfind("sha256:", 0) == 0 ? id.substr(7) : id).substr(0, 12);
}

std::string portsText(const Container& container) {
    if (!isLive(container)) return {};
    std::vector<Published> ports;
    std::set<std::pair<unsigned, std::string>> published;
    for (const engine::EndpointInfo& endpoint : container.endpoints)
        for (const engine::PortBinding& port : endpoint.published) {
            if (port.hostPort == 0) continue;
            published.emplace(port.containerPort, port.protocol);
            const auto add = [&](const std::string& ip) { ports.push_back({ip, port.protocol, port.hostPort, port.containerPort}); };
            if (!port.hostIp.empty()) add(port.hostIp);
            else add("0.0.0.0"), add("::");
        }
    for (const std::string& text : container.spec.exposed) {
        const std::size_t slash = text.find('/');
        const std::string protocol = slash == std::string::npos ? "tcp" : text.substr(slash + 1);
        unsigned number = 0;
        for (const char c : text.substr(0, slash)) number = c >= '0' && c <= '9' && number < 65536 ? number * 10 + static_cast<unsigned>(c - '0') : 0;
        if (number != 0 && published.count({number, protocol}) == 0) ports.push_back({"", protocol, 0, number});
    }
    return fmt::format("{}", fmt::join(joined(std::move(ports)), ", "));
}

std::string commandText(const Container& container, bool truncate) {
    std::string text;
    for (const std::string& argument : container.arguments) {
        const bool quoted = !text.empty() && argument.find(' ') != std::string::npos;
        text += fmt::format("{}{}{}{}", text.empty() ? "" : " ", quoted ? "'" : "", argument, quoted ? "'" : "");
    }
    if (truncate) {
        std::size_t at = 0, characters = 0;
        while (at < text.size()) {
            std::size_t next = at + 1;
            while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xc0) == 0x80) ++next;
            if (++characters == 20 && next < text.size()) {
                text.replace(at, std::string::npos, "…");
                break;
            }
            at = next;
        }
    }
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        if (c == '\n') quoted += "\\n";
        else if (c == '\t') quoted += "\\t";
        else quoted += c;
    }
    return quoted + "\"";
}

std::string labelsText(const std::map<std::string, std::string>& labels) {
    std::string result;
    for (const auto& [key, value] : labels) result += fmt::format("{}{}={}", result.empty() ? "" : ",", key, value);
    return result;
}

std::string networksText(const Container& container) {
    std::vector<std::string> names;
    for (const engine::EndpointInfo& endpoint : container.endpoints) names.push_back(endpoint.networkName);
    if (names.empty() && !container.spec.networkMode.empty() && container.spec.networkMode.rfind("container:", 0) != 0)
        names.push_back(container.spec.networkMode);
    return fmt::format("{}", fmt::join(names, ","));
}

std::string mountsText(const Container& container, bool truncate) {
    std::vector<std::string> names;
    for (const engine::MountSpec& mount : container.spec.mounts) {
        if (mount.type == engine::MountType::Tmpfs) continue;
        std::string name = mount.source;
        if (truncate && name.size() > 15) name.replace(14, std::string::npos, "…");
        names.push_back(std::move(name));
    }
    return fmt::format("{}", fmt::join(names, ","));
}

}  // namespace devc::app

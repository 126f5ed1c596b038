#include <algorithm>
#include <charconv>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "compose/short_forms.h"

namespace devc::compose {
namespace {

struct Range {
    unsigned first = 0;
    unsigned last = 0;
    unsigned length() const { return last - first; }
};

std::optional<unsigned> parsePort(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    unsigned value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > 65535) return std::nullopt;
    return value;
}

std::optional<Range> parseRange(std::string_view text) {
    std::size_t dash = text.find('-');
    auto first = parsePort(text.substr(0, dash));
    auto last = dash == std::string_view::npos ? first : parsePort(text.substr(dash + 1));
    if (!first || !last || *last < *first) return std::nullopt;
    return Range{*first, *last};
}

bool isAddress(const std::string& text) {
    unsigned char buffer[16];
    std::string bare = text.substr(0, text.find('%'));
    return inet_pton(AF_INET, text.c_str(), buffer) == 1 || inet_pton(AF_INET6, bare.c_str(), buffer) == 1;
}

/// address, host and container part of "a:b:c", where the address may hold colons itself.
struct Parts {
    std::string address, host, container;
};

Parts split(std::string_view text) {
    Parts parts;
    std::size_t last = text.rfind(':');
    if (last == std::string_view::npos) {
        parts.container = std::string(text);
        return parts;
    }
    parts.container = std::string(text.substr(last + 1));
    std::string_view before = text.substr(0, last);
    std::size_t middle = before.rfind(':');
    if (middle == std::string_view::npos) {
        parts.host = std::string(before);
        return parts;
    }
    parts.host = std::string(before.substr(middle + 1));
    std::string_view address = before.substr(0, middle);
    if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
    parts.address = std::string(address);
    return parts;
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return result;
}

}  // namespace

std::vector<Node> expandPort(std::string_view text, Position at) {
    std::string_view bare = text;
    std::string protocol = "tcp";
    std::size_t slash = text.find('/');
    if (slash != std::string_view::npos) {
        bare = text.substr(0, slash);
        if (slash + 1 < text.size()) protocol = lower(text.substr(slash + 1));
    }
    if (protocol != "tcp" && protocol != "udp" && protocol != "sctp") {
        throw ShortFormError{fmt::format("invalid proto: {}", protocol)};
    }
    Parts parts = split(bare);
    if (!parts.address.empty() && !isAddress(parts.address)) {
        throw ShortFormError{fmt::format("invalid IP address: {}", parts.address)};
    }
    if (parts.container.empty()) throw ShortFormError{fmt::format("no port specified: {}<empty>", text)};
    auto container = parseRange(parts.container);
    if (!container) throw ShortFormError{fmt::format("invalid containerPort: {}", parts.container)};
    if (container->first == 0) throw ShortFormError{"the container's port is missing or 0"};
    std::optional<Range> host;
    if (!parts.host.empty()) {
        host = parseRange(parts.host);
        if (!host) throw ShortFormError{fmt::format("invalid hostPort: {}", parts.host)};
        if (host->length() != container->length() && container->length() != 0) {
            throw ShortFormError{fmt::format("invalid ranges specified for container and host Ports: {} and {}",
                                             parts.container, parts.host)};
        }
    }
    std::vector<Node> ports;
    for (unsigned i = 0; i <= container->length(); ++i) {
        Node port = Node::map(at);
        port.set("mode", Node::string("ingress", at));
        if (!parts.address.empty()) port.set("host_ip", Node::string(parts.address, at));
        port.set("target", Node::number(container->first + i, at));
        if (host) {
            bool any = container->length() == 0 && host->length() != 0;
            port.set("published", Node::string(any ? fmt::format("{}-{}", host->first, host->last) : std::to_string(host->first + i), at));
        }
        port.set("protocol", Node::string(protocol, at));
        ports.push_back(std::move(port));
    }
    // Docker Compose orders the ports of one range as texts.
    std::stable_sort(ports.begin(), ports.end(), [](const Node& a, const Node& b) {
        return std::to_string(a.find("target")->integer) + "/" < std::to_string(b.find("target")->integer) + "/";
    });
    return ports;
}

}  // namespace devc::compose

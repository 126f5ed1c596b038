#include "engine/network/links.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "engine/network/network_options.h"

namespace devc::engine {

namespace {

constexpr std::size_t shortestId = 12;

bool isCalled(const Endpoint& endpoint, const std::string& name) {
    return endpoint.containerName == name || (name.size() >= shortestId && endpoint.container.starts_with(name));
}

bool areReplicas(const Endpoint& a, const Endpoint& b) { return a.container == b.container || (!a.replicas.empty() && a.replicas == b.replicas); }

struct PortRange {
    std::uint16_t first = 0, last = 0;  ///< first 0: none
};

/// "80", "3000-3005".
PortRange rangeOf(std::string_view text) {
    PortRange range;
    const char* end = text.data() + text.size();
    auto [behind, failure] = std::from_chars(text.data(), end, range.first);
    range.last = range.first;
    if (failure == std::errc() && behind != end && *behind == '-') std::from_chars(behind + 1, end, range.last);
    return range;
}

void add(std::set<FirewallLink>& links, const Endpoint& from, const Endpoint& to) {
    for (auto address : {&Endpoint::ipv4, &Endpoint::ipv6}) {
        auto source = IpAddress::parse(from.*address), target = IpAddress::parse(to.*address);
        if (!source || !target) continue;
        for (const std::string& exposed : to.exposed) {
            const std::size_t slash = std::min(exposed.find('/'), exposed.size());
            const PortRange ports = rangeOf(std::string_view(exposed).substr(0, slash));
            const std::string protocol = slash < exposed.size() ? exposed.substr(slash + 1) : "tcp";
            if (ports.first) links.insert({*source, *target, nft::protocolOf(protocol), ports.first, ports.last});
        }
    }
}

}  // namespace

std::vector<FirewallLink> linksOn(const Network& network, const std::vector<Endpoint>& endpoints) {
    if (communicates(network) || isMacvlan(network)) return {};
    std::set<FirewallLink> links;
    for (const Endpoint& from : endpoints) {
        if (!from.active) continue;
        for (const std::string& name : from.links) {
            // It need not be live itself: its replicas may be.
            auto named = std::find_if(endpoints.begin(), endpoints.end(), [&](const Endpoint& e) { return isCalled(e, name); });
            if (named == endpoints.end()) continue;
            for (const Endpoint& to : endpoints) {
                if (to.active && to.container != from.container && areReplicas(*named, to)) add(links, from, to);
            }
        }
    }
    return {links.begin(), links.end()};
}

}  // namespace devc::engine

#include "engine/network/firewall.h"

namespace devc::engine {

namespace {

using namespace nft;

// Priorities of netfilter's own hooks (linux/netfilter_ipv4.h): before connection tracking, and those of nat and filter.
constexpr int beforeTracking = -300;
constexpr int destinationNat = -100;
constexpr int filtering = 0;
constexpr int sourceNat = 100;

const Verdict accept{.kind = Verdict::Kind::Accept, .address = {}};
const Verdict drop{.kind = Verdict::Kind::Drop, .address = {}};
const Verdict masquerade{.kind = Verdict::Kind::Masquerade, .address = {}};

const Cidr loopback = *Cidr::parse("127.0.0.0/8");

Rule rule(std::vector<Match> matches, const Verdict& verdict) {
    std::optional<bool> v6;
    for (const Match& match : matches) {
        if (match.network) v6 = match.network->address.isV6();
    }
    return {v6, std::move(matches), verdict};
}

std::vector<Rule> guardLoopback(const std::vector<FirewallNetwork>& networks) {
    std::vector<Rule> rules;
    for (const auto& network : networks) {
        rules.push_back(rule({inputName(network.bridge), destination(loopback)}, drop));
        rules.push_back(rule({inputName(network.bridge), source(loopback)}, drop));
    }
    return rules;
}

/// `fromOutside`: of packets that come in, where those for 127.0.0.1 are a neighbour's forgery: the kernel would only refuse
/// them after they were translated.
std::vector<Rule> translate(const std::vector<FirewallPort>& ports, bool fromOutside) {
    std::vector<Rule> rules;
    for (const auto& port : ports) {
        if (fromOutside && port.hostIp && port.hostIp->isLoopback()) continue;
        Match where = port.hostIp ? destination(Cidr::of(*port.hostIp, port.hostIp->bits())) : localDestination();
        Verdict to{.kind = Verdict::Kind::TranslateDestination, .address = port.target, .port = port.targetPort};
        Rule made = rule({destinationPort(port.protocol, port.hostPort), where}, to);
        made.v6 = port.target.isV6();
        rules.push_back(std::move(made));
    }
    return rules;
}

std::vector<Rule> masquerades(const std::vector<FirewallNetwork>& networks) {
    std::vector<Rule> rules;
    for (const auto& network : networks) {
        if (network.internal) continue;
        for (const Cidr& subnet : network.subnets) {
            // By the host's address to a neighbour: the answer has to come back this way to be translated.
            rules.push_back(rule({source(subnet), destination(subnet), translated()}, masquerade));
            if (network.masquerades) rules.push_back(rule({source(subnet), !outputName(network.bridge)}, masquerade));
        }
        rules.push_back(rule({outputName(network.bridge), source(loopback)}, masquerade));
    }
    return rules;
}

std::vector<Rule> forward(const std::vector<FirewallNetwork>& networks) {
    std::vector<Rule> rules{rule({established()}, accept)};
    for (const auto& network : networks) {
        Match in = inputName(network.bridge), out = outputName(network.bridge);
        for (const FirewallLink& link : network.links) {
            Match from = source(Cidr::of(link.source, link.source.bits())), to = destination(Cidr::of(link.target, link.target.bits()));
            rules.push_back(rule({in, out, from, to, destinationPorts(link.protocol, link.port, link.lastPort)}, accept));
        }
        if (!network.communicates) rules.push_back(rule({in, out, !translated()}, drop));
        rules.push_back(rule({in, out}, accept));
    }
    // First all that are closed: what they send must not be taken for the way into an open one.
    for (const auto& network : networks) {
        if (!network.internal) continue;
        rules.push_back(rule({inputName(network.bridge)}, drop));
        rules.push_back(rule({outputName(network.bridge)}, drop));
    }
    for (const auto& network : networks) {
        if (network.internal) continue;
        rules.push_back(rule({outputName(network.bridge), !translated()}, drop));
    }
    return rules;
}

}  // namespace

Table firewallTable(const std::string& name, const std::vector<FirewallNetwork>& networks, const std::vector<FirewallPort>& ports) {
    Table table{name, {}};
    table.chains.push_back({"loopback", "filter", Hook::Prerouting, beforeTracking, guardLoopback(networks)});
    if (!ports.empty()) {
        table.chains.push_back({"prerouting", "nat", Hook::Prerouting, destinationNat, translate(ports, true)});
        table.chains.push_back({"output", "nat", Hook::Output, destinationNat, translate(ports, false)});
    }
    table.chains.push_back({"postrouting", "nat", Hook::Postrouting, sourceNat, masquerades(networks)});
    table.chains.push_back({"forward", "filter", Hook::Forward, filtering, forward(networks)});
    return table;
}

std::vector<Rule> acceptBridges(const std::string& bridgePrefix) {
    Match in = inputName(bridgePrefix), out = outputName(bridgePrefix);
    in.isPrefix = out.isPrefix = true;
    return {rule({in}, accept), rule({out}, accept)};
}

}  // namespace devc::engine

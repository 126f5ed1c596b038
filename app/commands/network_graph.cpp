#include "app/commands/network_graph.h"

#include <algorithm>
#include <memory>

#include "app/graph/reach.h"
#include "engine/engine.h"
#include "engine/launch/launch.h"
#include "engine/linux/output_file.h"
#include "engine/network/publication.h"

namespace devc::app {
namespace {

ReachMember memberOf(const engine::Container& container, const engine::EndpointInfo& endpoint, const std::vector<engine::EndpointPlan>& plans) {
    ReachMember member{container.name, endpoint.networkName, {}, false, endpoint.published};
    for (const std::string& address : {endpoint.ipv4, endpoint.ipv6}) {
        if (!address.empty()) member.addresses.push_back(address);
    }
    member.wayOut = std::any_of(plans.begin(), plans.end(), [&](const engine::EndpointPlan& plan) {
        return plan.networkId == endpoint.networkId && !(plan.gateway4.empty() && plan.gateway6.empty());
    });
    return member;
}

std::vector<ReachMember> membersOf(engine::Engine& engine) {
    std::vector<ReachMember> members;
    engine::ContainerFilter running;
    running.all = false;
    for (const engine::Container& container : engine.containers().list(running)) {
        const std::vector<engine::EndpointPlan> plans = engine.networks().plan(container.id);
        for (const engine::EndpointInfo& endpoint : container.endpoints) {
            if (endpoint.active) members.push_back(memberOf(container, endpoint, plans));
        }
    }
    return members;
}

/// The named ones; without names those that somebody is on.
std::vector<ReachNetwork> networksOf(engine::Engine& engine, const std::vector<std::string>& names, const std::vector<ReachMember>& members) {
    std::vector<ReachNetwork> networks;
    const auto add = [&](const engine::Network& network) {
        networks.push_back({network.spec.name, engine::firewallNetwork(network)});
        networks.back().rules.links = engine.networks().links(network.id);
    };
    for (const std::string& name : names) add(engine.networks().get(name));
    if (!names.empty()) return networks;
    for (const engine::Network& network : engine.networks().list()) {
        const bool isUsed = std::any_of(members.begin(), members.end(), [&](const ReachMember& member) { return member.network == network.spec.name; });
        if (isUsed) add(network);
    }
    return networks;
}

}  // namespace

void addNetworkGraph(CLI::App& command, Context& context) {
    struct Flags {
        std::string format = "text";
        std::string output;
        std::vector<std::string> names;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_option("--format", flags->format, "text, dot, svg or json")->check(CLI::IsMember({"text", "dot", "svg", "json"}));
    command.add_option("-o,--output", flags->output, "Write to a file, instead of STDOUT");
    command.add_option("network", flags->names, "Networks; all that containers run on if none is named");
    command.callback([flags, &context] {
        const std::vector<ReachMember> members = membersOf(context.engine());
        const ReachGraph graph = reachOf(networksOf(context.engine(), flags->names, members), members);
        const std::string text = flags->format == "dot"    ? reachAsDot(graph)
                                 : flags->format == "svg"  ? reachAsSvg(graph)
                                 : flags->format == "json" ? reachAsJson(graph)
                                                           : reachAsText(graph);
        if (flags->output.empty()) return out(text);
        engine::writeOutput(flags->output, text);
    });
}

}  // namespace devc::app

#include <algorithm>
#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/network_graph.h"
#include "app/commands/noun.h"
#include "app/filter/filters.h"
#include "app/ui/container_text.h"
#include "app/ui/human.h"
#include "app/ui/listing.h"
#include "app/ui/prompt.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {

using engine::Error;
using engine::Network;
using nlohmann::json;

namespace {

engine::Networks& networksOf(Context& context) { return context.engine().networks(); }

void addNetworkLs(CLI::App& command, Context& context) {
    struct Flags {
        bool quiet = false, whole = false;
        std::string format;
        std::vector<std::string> filters;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_flag("-q,--quiet", flags->quiet, "Only display network IDs");
    command.add_flag("--no-trunc", flags->whole, "Do not truncate the output");
    command.add_option("--format", flags->format, "table, json or a template");
    addList(command, "-f,--filter", flags->filters, "dangling, driver, id, label, name, scope, type");
    command.callback([flags, &context] {
        const Filters filters(flags->filters, {"dangling", "driver", "id", "label", "name", "scope", "type"});
        Listing listing(flags->quiet && flags->format.empty() ? "{{.ID}}" : flags->format, "{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}", {{"ID", "NETWORK ID"}});
        const std::vector<std::string> unused = filters.asksFor("dangling") ? networksOf(context).unused() : std::vector<std::string>();
        for (const Network& network : networksOf(context).list()) {
            const engine::NetworkSpec& spec = network.spec;
            const bool predefined = spec.name == "bridge" || spec.name == "host" || spec.name == "none";
            const bool isUnused = std::find(unused.begin(), unused.end(), spec.name) != unused.end();
            if (!filters.any("name", [&](const std::string& part) { return spec.name.find(part) != std::string::npos; })) continue;
            if (!filters.any("id", [&](const std::string& part) { return network.id.starts_with(part); })) continue;
            if (!filters.any("driver", [&](const std::string& driver) { return spec.driver == driver; })) continue;
            if (!filters.any("scope", [&](const std::string& scope) { return scope == "local"; })) continue;
            if (!filters.any("type", [&](const std::string& type) { return (type == "builtin") == predefined; })) continue;
            if (!filters.any("dangling", [&](const std::string& text) { return isUnused == isTrue(text); })) continue;
            if (!filters.acceptLabels(spec.labels)) continue;
            const auto truth = [](bool value) { return value ? "true" : "false"; };
            listing.add({{"CreatedAt", goTime(network.created)}, {"Driver", spec.driver}, {"ID", flags->whole ? network.id : shortId(network.id)},
                         {"IPv4", truth(spec.enableIpv4)}, {"IPv6", truth(spec.enableIpv6)}, {"Internal", truth(spec.internal)},
                         {"Labels", labelsText(spec.labels)}, {"Name", spec.name}, {"Scope", "local"}},
                        spec.labels);
        }
        listing.print();
    });
}

void addNetworkInspect(CLI::App& command, Context& context) {
    struct Flags {
        std::string format;
        bool verbose = false;
        std::vector<std::string> names;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_option("-f,--format", flags->format, "json or a template");
    command.add_flag("-v,--verbose", flags->verbose, "Verbose output for diagnostics");
    addNames(command, flags->names, "network");
    command.callback([flags, &context] {
        json found = json::array();
        forEachName(context, flags->names, [&](const std::string& name) { found.push_back(networksOf(context).inspect(name)); }, false);
        out(inspectText(found, flags->format));
    });
}

struct CreateFlags {
    std::string name, driver = "bridge", scope, configFrom;
    bool internal = false, attachable = false, ingress = false, ipv4 = true, ipv6 = false;
    std::vector<std::string> subnets, ranges, gateways, auxiliary, labels, options, ipamOptions;
};

std::string at(const std::vector<std::string>& values, std::size_t index) { return index < values.size() ? values[index] : std::string(); }

engine::NetworkSpec specOf(const CreateFlags& flags) {
    if (flags.subnets.empty() && (!flags.ranges.empty() || !flags.gateways.empty())) throw Error("every ip-range or gateway must have a corresponding subnet");
    engine::NetworkSpec spec;
    spec.name = flags.name;
    spec.driver = flags.driver;
    spec.internal = flags.internal;
    spec.attachable = flags.attachable;
    spec.enableIpv4 = flags.ipv4;
    spec.enableIpv6 = flags.ipv6;
    spec.labels = keyValues(flags.labels);
    spec.driverOptions = keyValues(flags.options);
    for (std::size_t i = 0; i < flags.subnets.size(); ++i) {
        engine::IpamPool pool;
        pool.subnet = flags.subnets[i];
        pool.range = at(flags.ranges, i);
        pool.gateway = at(flags.gateways, i);
        // A name with an address belongs to the subnet of its family; the engine refuses what is in none.
        for (const auto& [name, address] : keyValues(flags.auxiliary))
            if ((address.find(':') != std::string::npos) == (pool.subnet.find(':') != std::string::npos)) pool.auxiliary[name] = address;
        spec.pools.push_back(std::move(pool));
    }
    return spec;
}

void addNetworkCreate(CLI::App& command, Context& context) {
    const auto flags = std::make_shared<CreateFlags>();
    command.add_option("network", flags->name)->required();
    command.add_option("-d,--driver", flags->driver, "Driver to manage the network");
    command.add_flag("--internal", flags->internal, "Restrict external access to the network");
    command.add_flag("--attachable", flags->attachable, "Enable manual container attachment");
    command.add_flag("--ipv4", flags->ipv4, "Enable IPv4 address assignment");
    command.add_flag("--ipv6", flags->ipv6, "Enable IPv6 address assignment");
    addList(command, "--subnet", flags->subnets, "Subnet in CIDR format that represents a network segment");
    addList(command, "--ip-range", flags->ranges, "Allocate container IPs from a sub-range");
    addList(command, "--gateway", flags->gateways, "Gateway for the subnet");
    addList(command, "--aux-address", flags->auxiliary, "Addresses that are not given to containers: NAME=IP");
    addList(command, "--label", flags->labels, "Set metadata on a network");
    addList(command, "-o,--opt", flags->options, "Set driver specific options");
    addList(command, "--ipam-opt", flags->ipamOptions, "Accepted; devc's address management has no options");
    command.callback([flags, &context] { out(networksOf(context).create(specOf(*flags)).id + "\n"); });
}

void addNetworkRemove(CLI::App& command, Context& context) {
    struct Flags {
        bool force = false;
        std::vector<std::string> names;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_flag("-f,--force", flags->force, "What is not there is no error");
    addNames(command, flags->names, "network");
    command.callback([flags, &context] {
        forEachName(context, flags->names, [&](const std::string& name) {
            if (flags->force && !networksOf(context).find(name)) return;
            networksOf(context).remove(name);
        });
    });
}

void addNetworkConnect(CLI::App& command, Context& context) {
    struct Flags {
        engine::NetworkAttachment attachment;
        std::vector<std::string> links, options;
        std::string container;
    };
    const auto flags = std::make_shared<Flags>();
    addList(command, "--alias", flags->attachment.aliases, "Add network-scoped alias for the container");
    addList(command, "--link", flags->links, "Add link to another container");
    addList(command, "--link-local-ip", flags->attachment.linkLocalIps, "Add a link-local address for the container");
    addList(command, "--driver-opt", flags->options, "driver options for the network");
    command.add_option("--ip", flags->attachment.ipv4, "IPv4 address");
    command.add_option("--ip6", flags->attachment.ipv6, "IPv6 address");
    command.add_option("--gw-priority", flags->attachment.gatewayPriority, "Highest gw-priority provides the default gateway");
    command.add_option("network", flags->attachment.network)->required();
    command.add_option("container", flags->container)->required();
    command.callback([flags, &context] {
        for (const std::string& link : flags->links) {
            const std::size_t colon = link.find(':');
            const std::string name = link.substr(0, colon);
            flags->attachment.links.push_back({name, colon == std::string::npos ? name : link.substr(colon + 1)});
        }
        flags->attachment.driverOptions = keyValues(flags->options);
        context.engine().containers().connect(flags->container, flags->attachment);
    });
}

void addNetworkDisconnect(CLI::App& command, Context& context) {
    struct Flags {
        bool force = false;
        std::string network, container;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_flag("-f,--force", flags->force, "Force the container to disconnect from a network");
    command.add_option("network", flags->network)->required();
    command.add_option("container", flags->container)->required();
    command.callback([flags, &context] { context.engine().containers().disconnect(flags->container, flags->network, flags->force); });
}

void addNetworkPrune(CLI::App& command, Context& context) {
    struct Flags {
        bool force = false;
        std::vector<std::string> filters;
    };
    const auto flags = std::make_shared<Flags>();
    command.add_flag("-f,--force", flags->force, "Do not prompt for confirmation");
    addList(command, "--filter", flags->filters, "label=..., until=...");
    command.callback([flags, &context] {
        const Filters filters(flags->filters, {"label", "label!", "until"});
        if (!flags->force && !confirm("WARNING! This will remove all custom networks not used by at least one container.\nAre you sure you want to continue?")) return;
        std::vector<std::string> removed;
        for (const std::string& name : networksOf(context).unused()) {
            const std::optional<Network> network = networksOf(context).find(name);
            if (!network || !filters.acceptLabels(network->spec.labels) || !filters.acceptTime(network->created)) continue;
            if (networksOf(context).removeUnused(network->id)) removed.push_back(name);
        }
        if (!removed.empty()) out(fmt::format("Deleted Networks:\n{}\n\n", fmt::join(removed, "\n")));
    });
}

}  // namespace

void addNetwork(CLI::App& parent, Context& context) {
    addNoun(parent, context, "network", "Manage networks",
            {
                {"connect", {}, "Connect a container to a network", addNetworkConnect},
                {"create", {}, "Create a network", addNetworkCreate},
                {"disconnect", {}, "Disconnect a container from a network", addNetworkDisconnect},
                {"graph", {}, "Show who can reach whom, and on which port", addNetworkGraph},
                {"inspect", {}, "Display detailed information on one or more networks", addNetworkInspect},
                {"ls", {"list"}, "List networks", addNetworkLs},
                {"prune", {}, "Remove all unused networks", addNetworkPrune},
                {"rm", {"remove"}, "Remove one or more networks", addNetworkRemove},
            });
}

}  // namespace devc::app

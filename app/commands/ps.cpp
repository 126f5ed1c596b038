#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/commands/noun.h"
#include "app/filter/filters.h"
#include "app/commands/project.h"
#include "app/project/observe.h"
#include "app/ui/container_text.h"
#include "app/ui/human.h"
#include "app/ui/listing.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::Container;
using engine::Error;
using nlohmann::json;

struct PsFlags {
    bool all = false, quiet = false, listServices = false, noTruncation = false, orphans = true;
    std::string format;
    std::vector<std::string> status, filters, services;
};

json publishersOf(const Container& container) {
    json result = json::array();
    for (const engine::EndpointInfo& endpoint : container.endpoints)
        for (const engine::PortBinding& port : endpoint.published) {
            if (port.hostPort == 0) continue;
            const std::vector<std::string> addresses = port.hostIp.empty() ? std::vector<std::string>{"0.0.0.0", "::"} : std::vector<std::string>{port.hostIp};
            for (const std::string& address : addresses)
                result.push_back({{"URL", address}, {"TargetPort", port.containerPort}, {"PublishedPort", port.hostPort}, {"Protocol", port.protocol}});
        }
    return result;
}

json rowOf(const Container& container, const std::string& project, bool truncate) {
    const std::string health = container.state.health == engine::HealthStatus::None ? "" : std::string(nameOf(container.state.health));
    std::size_t volumes = 0;
    for (const engine::MountSpec& mount : container.spec.mounts) volumes += mount.type == engine::MountType::Volume ? 1 : 0;
    return {{"Command", commandText(container, truncate)},
            {"CreatedAt", goTime(container.created)},
            {"ExitCode", container.state.exitCode},
            {"Health", health},
            {"ID", truncate ? shortId(container.id) : container.id},
            {"Image", container.spec.image},
            {"Labels", labelsText(container.spec.labels)},
            {"LocalVolumes", std::to_string(volumes)},
            {"Mounts", mountsText(container, truncate)},
            {"Name", container.name},
            {"Names", container.name},
            {"Networks", networksText(container)},
            {"Ports", portsText(container)},
            {"Project", project},
            {"Publishers", publishersOf(container)},
            {"RunningFor", ago(container.created)},
            {"Service", serviceOf(container)},
            {"Size", "0B"},
            {"State", nameOf(container.state.status)},
            {"Status", statusText(container.state)}};
}

/// States asked for by --status and --filter status=.
std::set<std::string> statesOf(const PsFlags& flags) {
    const Filters filters(flags.filters, {"status", "source"});
    std::set<std::string> states(flags.status.begin(), flags.status.end());
    states.insert(filters.values("status").begin(), filters.values("status").end());
    static const std::set<std::string> known = {"paused", "restarting", "removing", "running", "dead", "created", "exited"};
    for (const std::string& state : states)
        if (!known.contains(state)) throw Error::of("invalid status {}", state).hint("created, running, paused, restarting, removing, exited and dead are known");
    return states;
}

void ps(Context& context, const PsFlags& flags) {
    Listing listing(flags.format, "{{.Name}}\\t{{.Image}}\\t{{.Command}}\\t{{.Service}}\\t{{.RunningFor}}\\t{{.Status}}\\t{{.Ports}}",
                    {{"RunningFor", "CREATED"}});
    const std::set<std::string> states = statesOf(flags);
    const bool all = flags.all || !states.empty();
    std::vector<Container> containers = containersOfServices(context, flags.services, flags.all);
    std::erase_if(containers, [&](const Container& container) {
        if (!states.empty() && !states.contains(std::string(nameOf(container.state.status)))) return true;
        return !all && !isActive(container);
    });
    if (!flags.orphans && flags.services.empty())
        if (const compose::Project* project = context.projectIfAny(); project != nullptr)
            std::erase_if(containers, [&](const Container& container) {
                return !project->services.contains(serviceOf(container)) && !project->disabledServices.contains(serviceOf(container));
            });
    std::sort(containers.begin(), containers.end(), [](const Container& a, const Container& b) { return a.name < b.name; });
    if (flags.quiet) {
        for (const Container& container : containers) out(container.id + "\n");
        return;
    }
    if (flags.listServices) {
        std::set<std::string> names;
        for (const Container& container : containers)
            if (names.insert(serviceOf(container)).second) out(serviceOf(container) + "\n");
        return;
    }
    const std::string project = context.projectName();
    for (const Container& container : containers) listing.add(rowOf(container, project, !flags.noTruncation), container.spec.labels);
    listing.print();
}

}  // namespace

void addPs(CLI::App& parent, Context& context) {
    const auto flags = std::make_shared<PsFlags>();
    CLI::App* command = parent.add_subcommand("ps", "List containers");
    command->add_flag("-a,--all", flags->all, "Show all stopped containers (including those created by the run command)");
    command->add_flag("-q,--quiet", flags->quiet, "Only display IDs");
    command->add_flag("--services", flags->listServices, "Display services");
    addList(*command, "--status", flags->status, "Filter services by status");
    addList(*command, "--filter", flags->filters, "Filter services by a property: status=running");
    command->add_option("--format", flags->format, "table, table TEMPLATE, json, or a TEMPLATE");
    command->add_flag("--no-trunc", flags->noTruncation, "Don't truncate output");
    command->add_flag("--orphans,!--no-orphans", flags->orphans, "Include orphaned services (not declared by project)");
    addServices(*command, flags->services);
    command->callback([flags, &context] { ps(context, *flags); });
}

}  // namespace devc::app

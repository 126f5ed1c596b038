#include <algorithm>
#include <memory>
#include <set>

#include <fmt/format.h>

#include "app/commands/commands.h"
#include "app/commands/project.h"
#include "app/project/execute.h"
#include "app/project/observe.h"
#include "app/project/provider.h"
#include "app/project/timing.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::Error;

struct DownFlags {
    bool volumes = false, removeOrphans = false;
    std::string timeout, rmi;
    std::vector<std::string> services;
};

DownOptions optionsOf(const DownFlags& flags, const compose::Project* project) {
    DownOptions options;
    options.volumes = flags.volumes;
    options.removeOrphans = flags.removeOrphans;
    options.timeout = parseTimeout(flags.timeout);
    options.services = {flags.services.begin(), flags.services.end()};
    if (project == nullptr) return options;
    options.hasFile = true;
    for (const auto& [name, service] : project->services) options.active.insert(name);
    for (const auto& [name, service] : project->disabledServices) options.inactive.insert(name);
    for (const std::string& name : flags.services)
        if (!options.active.contains(name) && !options.inactive.contains(name)) throw Error::of("no such service: {}", name);
    for (const auto& [key, network] : project->networks)
        if (network.external) options.kept.insert(network.name);
    for (const auto& [key, volume] : project->volumes)
        if (volume.external) options.kept.insert(volume.name);
    return options;
}

/// --rmi all: every image of the services; local: those without a name of their own.
std::set<std::string> imagesToRemove(const DownFlags& flags, const compose::Project* project) {
    std::set<std::string> references;
    if (flags.rmi.empty() || project == nullptr) return references;
    for (const auto& [name, service] : project->services) {
        if (!flags.services.empty() && std::find(flags.services.begin(), flags.services.end(), name) == flags.services.end()) continue;
        if (flags.rmi == "all" || service.image.empty()) references.insert(service.imageOr(project->name));
    }
    return references;
}

void removeImages(Context& context, const std::set<std::string>& references, Progress& progress) {
    for (const std::string& reference : references) {
        if (!context.engine().images().find(reference)) continue;
        const std::string id = "Image " + reference;
        progress.working(id, "Removing");
        if (context.options.dryRun) continue;
        try {
            context.engine().images().remove(reference, false);
            progress.done(id, "Removed");
        } catch (const Error& error) {
            progress.event({id, "Resource is still in use", ProgressState::Warning, {}, error.what()});
        }
    }
}

void down(Context& context, const DownFlags& flags) {
    const compose::Project* project = context.projectIfAny();
    const std::string name = context.projectName();
    const DownOptions options = optionsOf(flags, project);
    const ProjectLock lock = lockProject(context, name);
    const ObservedProject observed = observe(context.engine(), name, {});
    const ActionGraph graph = planDown(name, observed, options);
    const std::set<std::string> images = imagesToRemove(flags, project);
    const auto progress = progressOf(context);
    const bool provided = project != nullptr && hasProvided(*project);
    if (graph.empty() && images.empty() && !provided) progress->message("warning: No resource found to remove for project \"" + name + "\".");
    ExecuteOptions execution;
    execution.parallel = context.options.parallel;
    execution.dryRun = context.options.dryRun;
    if (project != nullptr) execution.hooks = hooksOf(*project);
    execute(context.engine(), graph, nullptr, *progress, execution);
    if (provided && flags.services.empty() && !context.options.dryRun) takeDownProvided(*project, *progress);
    removeImages(context, images, *progress);
    if (flags.services.empty() && !context.options.dryRun) forgetTiming(context.engine().host().runDir, name);
    // A `down` that was killed may have left files of containers that are no longer known.
    if (graph.empty() && !context.options.dryRun) context.engine().containers().removeAll({}, true, false);
}

}  // namespace

void addDown(CLI::App& parent, Context& context) {
    const auto flags = std::make_shared<DownFlags>();
    CLI::App* command = parent.add_subcommand("down", "Stop and remove containers, networks");
    command->add_flag("-v,--volumes", flags->volumes, "Remove named volumes declared in the file and anonymous volumes attached to containers");
    command->add_flag("--remove-orphans", flags->removeOrphans, "Remove containers for services not defined in the compose file");
    command->add_option("-t,--timeout", flags->timeout, "Seconds until a container that is stopped is killed");
    command->add_option("--rmi", flags->rmi, "Remove images used by services: all, or local (without a name of their own)")->check(CLI::IsMember({"all", "local"}));
    addServices(*command, flags->services);
    command->callback([flags, &context] { down(context, *flags); });
}

}  // namespace devc::app

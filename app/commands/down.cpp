#include <algorithm>
#include <memory>
#include <set>

#include <fmt/format.h>

#include "app/commands/commands.h"
#include "app/commands/project.h"
#include "app/project/execute.h"
#include "app/project/labels.h"
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
    for (const auto& [key, network] : project->networks) (network.external ? options.kept : options.used).insert(network.name);
    for (const auto& [key, volume] : project->volumes) (volume.external ? options.kept : options.used).insert(volume.name);
    return options;
}

/// What the services run: references by service, of the file or, without one, of the containers that there are.
std::map<std::string, std::string> imagesOf(const compose::Project* project, const ObservedProject& observed) {
    std::map<std::string, std::string> references;
    if (project == nullptr)
        for (const engine::Container& container : observed.containers) references.emplace(serviceOf(container), container.spec.image);
    else
        for (const auto& [name, service] : project->services) references.emplace(name, service.imageOr(project->name));
    return references;
}

/// The name by which an image that was built for a service goes: the one that the service runs, else its first, else its id.
std::string nameOf(const engine::Image& image, const std::string& wanted) {
    for (const std::string& reference : image.references)
        if (reference == wanted) return engine::Reference::parse(reference).familiar();
    return image.references.empty() ? image.id : engine::Reference::parse(image.references.front()).familiar();
}

/// --rmi local: what was built for the services, or has a name as if it were; all: every image of the services.
std::set<std::string> imagesToRemove(Context& context, const DownFlags& flags, const compose::Project* project, const ObservedProject& observed) {
    std::set<std::string> images;
    if (flags.rmi.empty()) return images;
    const auto services = imagesOf(project, observed);
    for (const auto& [name, reference] : services) {
        const bool named = project == nullptr || !project->services.at(name).image.empty();
        if ((flags.rmi == "all" || !named) && context.engine().images().find(reference)) images.insert(engine::Reference::parse(reference).familiar());
    }
    for (const engine::Image& image : context.engine().images().list()) {
        const auto& labels = image.config.labels;
        const auto owner = labels.find(label::project), service = labels.find(label::service);
        if (owner == labels.end() || service == labels.end() || owner->second != context.projectName()) continue;
        const auto known = services.find(service->second);
        if (known != services.end()) images.insert(nameOf(image, engine::Reference::parse(known->second).normalized()));
        else if (flags.removeOrphans) images.insert(nameOf(image, {}));
    }
    return images;
}

void removeImages(Context& context, const std::set<std::string>& images, Progress& progress) {
    for (const std::string& image : images) {
        const std::string thing = "Image " + image;
        progress.working(thing, "Removing");
        try {
            if (!context.options.dryRun) context.engine().images().remove(image, false);
            progress.done(thing, "Removed");
        } catch (const engine::NotFound&) {
            progress.done(thing, "Removed");
        } catch (const engine::Conflict& error) {
            progress.event({thing, "Resource is still in use", ProgressState::Warning, {}, error.what()});
        }
    }
}

void down(Context& context, const DownFlags& flags) {
    const compose::Project* project = context.projectIfAny(flags.services);
    const std::string name = context.projectName();
    const DownOptions options = optionsOf(flags, project);
    const ProjectLock lock = lockProject(context, name);
    const ObservedProject observed = observe(context.engine(), name, {});
    const ActionGraph graph = planDown(name, observed, options);
    const std::set<std::string> images = imagesToRemove(context, flags, project, observed);
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
    command->add_option("--rmi", flags->rmi, "Remove images used by services: all, or local (those that were built for them)")->check(CLI::IsMember({"all", "local"}));
    addServices(*command, flags->services);
    command->callback([flags, &context] { down(context, *flags); });
}

}  // namespace devc::app

// create, scale, start, stop, restart, kill, rm, pause, unpause: what changes the state of a project's containers.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>

#include <unistd.h>

#include "app/commands/commands.h"
#include "app/commands/project.h"
#include "app/project/await.h"
#include "app/project/execute.h"
#include "app/project/observe.h"
#include "app/ui/prompt.h"
#include "compose/graph.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/linux/process.h"

namespace devc::app {
namespace {

using engine::Container;
using engine::Error;
using Names = std::vector<std::string>;

std::vector<const Container*> pointersTo(const std::vector<Container>& containers) {
    std::vector<const Container*> result;
    for (const Container& container : containers) result.push_back(&container);
    return result;
}

/// Containers that a command is about: of the named services; else of those of the compose file with its active profiles,
/// where there is one. Orphans are left alone.
std::vector<Container> containersInScope(Context& context, const Names& services) {
    std::vector<Container> containers = containersOfServices(context, services);
    const compose::Project* project = context.projectIfAny();
    if (services.empty() && project != nullptr)
        std::erase_if(containers, [&](const Container& container) { return !project->services.contains(serviceOf(container)); });
    return containers;
}

/// `work` for each of the containers that is active, shown on stderr. Goes on after a failure and throws the first.
void forEachActive(Context& context, const std::function<std::vector<Container>()>& chosen, const char* before, const char* after,
                   const std::function<void(const Container&)>& work) {
    const ProjectLock lock = lockProject(context, context.projectName());
    const auto progress = progressOf(context);
    std::exception_ptr failure;
    for (const Container& container : chosen()) {
        if (!isActive(container)) continue;
        const std::string id = "Container " + container.name;
        progress->working(id, before);
        try {
            if (!context.options.dryRun) work(container);
            progress->done(id, after);
        } catch (const Error& error) {
            progress->event({id, "Error", ProgressState::Error, {}, error.what()});
            if (!failure) failure = std::current_exception();
        }
    }
    progress->finish();
    if (failure) std::rethrow_exception(failure);
}

/// Without a compose file it must be containers that make the project.
void refuseUnknownProject(Context& context) {
    if (context.projectIfAny() == nullptr && containersOf(context.engine(), context.projectName()).empty())
        throw Error::of("no container found for project \"{}\": not found", context.projectName()).hint("`devc ls -a` lists the projects");
}

struct StartFlags {
    bool wait = false;
    std::optional<int> waitTimeout;
    Names services;
};

void start(Context& context, const StartFlags& flags) {
    refuseUnknownProject(context);
    const compose::Project* project = context.projectIfAny();
    const Names& services = flags.services;
    Names names = services;
    if (project != nullptr) {
        // What a service depends on is started with it.
        const compose::Project selected = compose::select(*project, services);
        names.clear();
        for (const auto& [name, service] : selected.services) names.push_back(name);
    }
    const std::vector<Container> containers = containersOfServices(context, names);
    for (const std::string& name : services.empty() ? names : services)
        if (std::none_of(containers.begin(), containers.end(), [&](const Container& container) { return serviceOf(container) == name; }))
            if (project == nullptr || project->services.at(name).replicas() > 0)
                throw Error::of("service \"{}\" has no container to start", name).hint("`devc up -d` or `devc create` makes it");
    std::set<std::string> preStart;
    if (project != nullptr)
        for (const auto& [name, service] : project->services)
            if (!service.preStart.empty()) preStart.insert(name);
    perform(context, [&] {
        ActionGraph graph;
        planStarts(graph, pointersTo(containers), {}, "asked for", preStart);
        return graph;
    });
    if (!flags.wait || context.options.dryRun) return;
    Names ids;
    for (const Container& container : containers) ids.push_back(container.id);
    awaitReady(context.engine(), ids, waitLimit(flags.waitTimeout));
}

void stop(Context& context, const Names& services, const std::string& timeout) {
    refuseUnknownProject(context);
    const std::vector<Container> containers = containersInScope(context, services);
    perform(context, [&] {
        ActionGraph graph;
        planStops(graph, pointersTo(containers), parseTimeout(timeout), "asked for");
        return graph;
    });
}

/// The named services, and those that are to be restarted with them (depends_on: restart: true).
void restart(Context& context, const Names& services, const std::string& timeout, bool dependents) {
    refuseUnknownProject(context);
    containersOfServices(context, services);  // refuses unknown names
    perform(context, [&] {
        std::set<std::string> names(services.begin(), services.end());
        if (names.empty())
            for (const Container& container : containersInScope(context, {})) names.insert(serviceOf(container));
        return planRestart(containersOfServices(context, {}), std::move(names), dependents, parseTimeout(timeout), "asked for");
    });
}

void remove(Context& context, const Names& services, bool force, bool stopFirst, bool volumes) {
    if (stopFirst) stop(context, services, "");
    std::vector<Container> containers = containersInScope(context, services);
    const bool stopped = stopFirst && context.options.dryRun;  // would be
    std::erase_if(containers, [&](const Container& container) { return isActive(container) && !stopped; });
    if (containers.empty()) {
        std::fputs("No stopped containers\n", stderr);
        return;
    }
    std::string going = "Going to remove ";
    for (const Container& container : containers) going += (going.ends_with(' ') ? "" : ", ") + container.name;
    if (force) std::puts(going.c_str());
    else if (!confirm(going + "\nAre you sure?")) return;
    perform(context, [&] {
        ActionGraph graph;
        Action action;
        action.step = Step::RemoveContainers;
        action.reason = "asked for";
        action.removeVolumes = volumes;
        for (const Container& container : containers) {
            action.containers.push_back(container.id);
            action.names.push_back(container.name);
        }
        graph.add(std::move(action));
        return graph;
    });
}

}  // namespace

void addCreate(CLI::App& parent, Context& context) {
    struct Flags {
        ImageFlags images;
        bool force = false, keep = false, removeOrphans = false, yes = false;
        Names scale, services;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("create", "Creates containers for a service");
    flags->images.addTo(*command);
    command->add_flag("--force-recreate", flags->force, "Recreate containers even if their configuration and image haven't changed");
    command->add_flag("--no-recreate", flags->keep, "If containers already exist, don't recreate them");
    command->add_flag("--remove-orphans", flags->removeOrphans, "Remove containers for services not defined in the compose file");
    addList(*command, "--scale", flags->scale, "Scale SERVICE to NUM instances: web=3");
    command->add_flag("-y,--yes", flags->yes, "Make volumes anew whose definition changed, without their data");
    addServices(*command, flags->services);
    command->callback([flags, &context] {
        if (flags->force && flags->keep) throw Error("--force-recreate and --no-recreate are incompatible");
        ConvergeOptions options;
        options.services = flags->services;
        options.scale = parseScale(flags->scale);
        options.images = flags->images.options(context);
        options.plan.start = false;
        options.plan.replaceVolumes = flags->yes;
        options.plan.recreate = flags->force ? Recreate::Always : flags->keep ? Recreate::Never : Recreate::Changed;
        options.plan.recreateDependencies = flags->keep ? Recreate::Never : Recreate::Changed;
        options.plan.removeOrphans = flags->removeOrphans;
        converge(context, options);
    });
}

void addScale(CLI::App& parent, Context& context) {
    struct Flags {
        bool noDependencies = false;
        Names pairs;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("scale", "Scale services");
    command->add_flag("--no-deps", flags->noDependencies, "Don't start linked services");
    command->add_option("service=replicas", flags->pairs, "Services with their numbers of containers: web=3")->required();
    command->callback([flags, &context] {
        ConvergeOptions options;
        options.scale = parseScale(flags->pairs);
        for (const auto& [service, count] : options.scale) options.services.push_back(service);
        options.dependencies = !flags->noDependencies;
        options.images = imageOptionsOf(context);
        options.plan.recreate = options.plan.recreateDependencies = Recreate::Never;
        options.plan.ignoreOrphans = true;
        converge(context, options);
    });
}

void addStart(CLI::App& parent, Context& context) {
    const auto flags = std::make_shared<StartFlags>();
    CLI::App* command = parent.add_subcommand("start", "Start services");
    command->add_flag("--wait", flags->wait, "Wait for services to be running or healthy");
    command->add_option("--wait-timeout", flags->waitTimeout, "Most seconds to wait");
    addServices(*command, flags->services);
    command->callback([flags, &context] { start(context, *flags); });
}

void addStop(CLI::App& parent, Context& context) {
    struct Flags {
        std::string timeout;
        Names services;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("stop", "Stop services");
    command->add_option("-t,--timeout", flags->timeout, "Seconds until a container is killed");
    addServices(*command, flags->services);
    command->callback([flags, &context] { stop(context, flags->services, flags->timeout); });
}

void addRestart(CLI::App& parent, Context& context) {
    struct Flags {
        std::string timeout;
        bool noDependencies = false;
        Names services;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("restart", "Restart service containers");
    command->add_option("-t,--timeout", flags->timeout, "Seconds until a container is killed");
    command->add_flag("--no-deps", flags->noDependencies, "Don't restart dependent services");
    addServices(*command, flags->services);
    command->callback([flags, &context] { restart(context, flags->services, flags->timeout, !flags->noDependencies); });
}

void addKill(CLI::App& parent, Context& context) {
    struct Flags {
        std::string signal = "SIGKILL";
        bool removeOrphans = false;
        Names services;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("kill", "Force stop service containers");
    command->add_option("-s,--signal", flags->signal, "Signal to send to the container");
    command->add_flag("--remove-orphans", flags->removeOrphans, "Remove containers for services not defined in the compose file");
    addServices(*command, flags->services);
    command->callback([flags, &context] {
        const int signal = engine::signalNumber(flags->signal);
        const bool ends = signal == SIGKILL;
        const auto chosen = [&] { return flags->removeOrphans ? containersOfServices(context, flags->services) : containersInScope(context, flags->services); };
        forEachActive(context, chosen, ends ? "Killing" : "Signalling", ends ? "Killed" : "Signalled",
                      [&](const Container& container) { context.engine().containers().kill(container.id, signal); });
    });
}

void addRm(CLI::App& parent, Context& context) {
    struct Flags {
        bool force = false, stop = false, volumes = false, all = false;
        Names services;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("rm", "Removes stopped service containers");
    command->add_flag("-f,--force", flags->force, "Don't ask to confirm removal");
    command->add_flag("-s,--stop", flags->stop, "Stop the containers, if required, before removing");
    command->add_flag("-v,--volumes", flags->volumes, "Remove any anonymous volumes attached to containers");
    command->add_flag("-a,--all", flags->all, "Has no effect")->group("");
    addServices(*command, flags->services);
    command->callback([flags, &context] { remove(context, flags->services, flags->force, flags->stop, flags->volumes); });
}

void addPause(CLI::App& parent, Context& context) {
    const auto services = std::make_shared<Names>();
    CLI::App* command = parent.add_subcommand("pause", "Pause services");
    addServices(*command, *services);
    command->callback([services, &context] {
        forEachActive(context, [&] { return containersInScope(context, *services); }, "Pausing", "Paused",
                      [&](const Container& container) { context.engine().containers().pause(container.id); });
    });
}

void addUnpause(CLI::App& parent, Context& context) {
    const auto services = std::make_shared<Names>();
    CLI::App* command = parent.add_subcommand("unpause", "Unpause services");
    addServices(*command, *services);
    command->callback([services, &context] {
        forEachActive(context, [&] { return containersInScope(context, *services); }, "Unpausing", "Unpaused",
                      [&](const Container& container) { context.engine().containers().unpause(container.id); });
    });
}

}  // namespace devc::app

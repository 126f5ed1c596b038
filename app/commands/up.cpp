#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "app/commands/commands.h"
#include "app/commands/project.h"
#include "app/commands/up_attached.h"
#include "app/project/await.h"
#include "app/project/observe.h"
#include "app/project/timing.h"
#include "app/ui/environment.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::Error;

struct UpFlags {
    ImageFlags images;
    AttachFlags attach;
    bool detach = false, forceRecreate = false, noRecreate = false, recreateDependencies = false, noDependencies = false, noStart = false;
    bool renewVolumes = false, removeOrphans = false, wait = false, yes = false;
    std::string timeout;
    std::optional<int> waitTimeout;
    std::vector<std::string> scale, services;
};

ConvergeOptions optionsOf(const Context& context, const UpFlags& flags) {
    if (flags.forceRecreate && flags.noRecreate) throw Error("--force-recreate and --no-recreate are incompatible");
    if (flags.recreateDependencies && flags.noRecreate) throw Error("--always-recreate-deps and --no-recreate are incompatible");
    ConvergeOptions options;
    options.services = flags.services;
    options.dependencies = !flags.noDependencies;
    options.scale = parseScale(flags.scale);
    options.images = flags.images.options(context);
    PlanOptions& plan = options.plan;
    plan.recreate = flags.forceRecreate ? Recreate::Always : flags.noRecreate ? Recreate::Never : Recreate::Changed;
    plan.recreateDependencies = flags.recreateDependencies ? Recreate::Always : flags.noRecreate ? Recreate::Never : Recreate::Changed;
    plan.start = !flags.noStart;
    plan.removeOrphans = flags.removeOrphans;
    plan.renewAnonymousVolumes = flags.renewVolumes;
    plan.replaceVolumes = flags.yes;
    plan.timeout = parseTimeout(flags.timeout);
    options.stopwatch = std::make_shared<Stopwatch>();
    return options;
}

void waitUntilReady(Context& context, const UpFlags& flags, const Converged& converged) {
    std::vector<std::string> ids;
    for (const engine::Container& container : containersOf(context.engine(), converged.project.name))
        if (!isOneOff(container) && converged.desired.services.contains(serviceOf(container))) ids.push_back(container.id);
    awaitReady(context.engine(), ids, waitLimit(flags.waitTimeout));
}

/// `up` of a project in which nothing is to be started is a mistake, most likely a profile that was forgotten.
void requireService(Context& context, const std::vector<std::string>& services) {
    const compose::Project& project = context.project(services);
    if (!project.services.empty() || context.options.allResources) return;
    Error error("no service selected");
    const compose::StringList profiles = project.profiles();
    if (!profiles.empty()) error.hint(fmt::format("the services have profiles, `devc --profile {} up` starts those of one", profiles.front()));
    throw error;
}

void up(Context& context, UpFlags& flags) {
    const bool attached = !flags.detach && !flags.wait && !flags.noStart && !context.options.dryRun;
    if (flags.detach && (flags.attach.abortOnExit || flags.attach.abortOnFailure || !flags.attach.exitCodeFrom.empty()))
        throw Error("--detach cannot be combined with --abort-on-container-exit, --abort-on-container-failure or --exit-code-from");
    ConvergeOptions options = optionsOf(context, flags);
    requireService(context, flags.services);
    if (attached) return upAttached(context, options, flags.attach);
    const Converged converged = converge(context, options);
    if (flags.wait && !context.options.dryRun) waitUntilReady(context, flags, converged);
}

}  // namespace

void addUp(CLI::App& parent, Context& context) {
    const auto flags = std::make_shared<UpFlags>();
    CLI::App* command = parent.add_subcommand("up", "Create and start containers");
    command->add_flag("-d,--detach", flags->detach, "Run containers in the background");
    flags->images.addTo(*command);
    flags->attach.addTo(*command);
    command->add_flag("--force-recreate", flags->forceRecreate, "Recreate containers even if their configuration and image haven't changed");
    command->add_flag("--no-recreate", flags->noRecreate, "If containers already exist, don't recreate them");
    command->add_flag("--always-recreate-deps", flags->recreateDependencies, "Recreate dependent containers");
    command->add_flag("--no-deps", flags->noDependencies, "Don't start linked services");
    command->add_flag("--no-start", flags->noStart, "Don't start the services after creating them");
    addList(*command, "--scale", flags->scale, "Scale SERVICE to NUM instances: web=3");
    command->add_flag("-V,--renew-anon-volumes", flags->renewVolumes, "Recreate anonymous volumes instead of keeping their data");
    command->add_flag("--remove-orphans", flags->removeOrphans, "Remove containers for services not defined in the compose file");
    command->add_option("-t,--timeout", flags->timeout, "Seconds until a container that is stopped is killed");
    command->add_flag("--wait", flags->wait, "Wait for services to be running or healthy. Implies detached mode");
    command->add_option("--wait-timeout", flags->waitTimeout, "Most seconds to wait");
    const CLI::Option* menu = command->add_flag("--menu,!--no-menu", flags->attach.menu, "Interactive shortcuts when running attached; COMPOSE_MENU=1 is the same");
    command->add_flag("-y,--yes", flags->yes, "Make volumes anew whose definition changed, without their data");
    addServices(*command, flags->services);
    command->callback([flags, menu, &context] {
        if (menu->count() == 0) flags->attach.menu = environmentFlag("COMPOSE_MENU");
        else if (flags->attach.menu && flags->detach) throw Error("--menu cannot be combined with --detach");
        up(context, *flags);
    });
}

}  // namespace devc::app

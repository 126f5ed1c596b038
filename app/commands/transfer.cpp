// pull, push: images of a project's services to and from registries. wait: for the end of services.
#include <memory>
#include <set>

#include "app/commands/commands.h"
#include "app/commands/noun.h"
#include "app/commands/project.h"
#include "app/commands/transfer.h"
#include "app/project/execute.h"
#include "app/project/images.h"
#include "app/project/observe.h"
#include "compose/graph.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::Container;
using engine::Error;

struct PullFlags {
    bool ignoreBuildable = false, ignoreFailures = false, dependencies = false, quiet = false;
    std::string policy;
    std::vector<std::string> services;
};

void pull(Context& context, const PullFlags& flags) {
    const compose::Project project = compose::select(context.project(), flags.services, flags.dependencies);
    std::vector<PullRequest> requests;
    std::set<std::string> seen;
    for (const auto& [name, service] : project.services) {
        const std::string reference = service.imageOr(project.name);
        const std::string policy = flags.policy.empty() ? service.pullPolicy : flags.policy;
        if (service.provider || policy == "never") continue;
        const bool present = policy == "missing" || policy == "if_not_present";  // is enough
        const auto ask = [&, name = name](const std::string& image, const std::string& platform, bool optional) {
            if (present && context.engine().images().find(image)) return;
            if (seen.insert(image).second) requests.push_back({name, image, platform, optional});
        };
        for (const std::string& image : service.preStartImages()) ask(image, "", flags.ignoreFailures);
        if (policy == "build" || (service.build && (service.image.empty() || flags.ignoreBuildable))) continue;
        ask(reference, service.platform, flags.ignoreFailures || service.build.has_value());
    }
    const auto progress = flags.quiet ? Progress::make(ProgressMode::Quiet, Ansi::Never) : progressOf(context, "Pulling");
    if (!context.options.dryRun) pullImages(context.engine(), requests, *progress);
    progress->finish();
}

void takeDown(Context& context) {
    perform(context, [&] {
        const std::string name = context.projectName();
        return planDown(name, observe(context.engine(), name, {}), {});
    });
}

/// Ends with the status of the container that ends first.
void waitForEnd(Context& context, const std::vector<std::string>& services, bool down) {
    const std::vector<Container> containers = containersOfServices(context, services);
    if (containers.empty()) throw Error::of("no containers for project \"{}\"", context.projectName());
    std::vector<std::string> ids;
    for (const Container& container : containers) ids.push_back(container.id);
    std::optional<std::string> first;
    int status = 0;
    // True of each as soon as any has ended, whichever is asked about first.
    const auto accept = [&](const std::string&, const engine::ContainerState&) {
        for (const std::string& id : ids) {
            if (first) break;
            const engine::ContainerState state = engine::readState(context.engine().host(), id);
            if (state.status != engine::Status::Exited && state.status != engine::Status::Dead) continue;
            first = id;
            status = state.exitCode;
        }
        return first.has_value();
    };
    engine::waitForState(context.engine().host(), ids, accept, std::nullopt);
    for (const Container& container : containers)
        if (first && container.id == *first) out(fmt::format("container \"{}\" exited with status code {}\n", container.name, status));
    if (down) takeDown(context);
    context.status = status;
}

}  // namespace

void pushImages(Context& context, const PushOptions& options, const std::vector<std::string>& services) {
    const compose::Project project = compose::select(context.project(), services, options.dependencies);
    const auto progress = options.quiet ? Progress::make(ProgressMode::Quiet, Ansi::Never) : progressOf(context, "Pushing");
    std::exception_ptr failure;
    for (const auto& [name, service] : project.services) {
        if (!service.build || service.image.empty()) continue;
        const std::string id = "Image " + service.image;
        progress->working(id, "Pushing");
        try {
            if (!context.options.dryRun)
                context.engine().images().push(service.image, [&](const std::string& layer, const std::string& status, std::uint64_t current, std::uint64_t total) {
                    const bool ended = total == 0 || current >= total;
                    progress->event({layer, status, ended ? ProgressState::Done : ProgressState::Working, id, {}, current, total});
                });
            progress->done(id, "Pushed");
        } catch (const Error& error) {
            progress->event({id, options.ignoreFailures ? "Warning" : "Error", options.ignoreFailures ? ProgressState::Warning : ProgressState::Error, {}, error.what()});
            if (!options.ignoreFailures && !failure) failure = std::current_exception();
        }
    }
    progress->finish();
    if (failure) std::rethrow_exception(failure);
}

void addPull(CLI::App& parent, Context& context) {
    const auto flags = std::make_shared<PullFlags>();
    CLI::App* command = parent.add_subcommand("pull", "Pull service images");
    command->add_flag("--ignore-buildable", flags->ignoreBuildable, "Ignore images that can be built");
    command->add_flag("--ignore-pull-failures", flags->ignoreFailures, "Pull what it can and ignores images with pull failures");
    command->add_flag("--include-deps", flags->dependencies, "Also pull services declared as dependencies");
    command->add_flag("-q,--quiet", flags->quiet, "Pull without printing progress information");
    command->add_option("--policy", flags->policy, "Apply pull policy: missing or always")->check(CLI::IsMember({"missing", "always"}));
    addServices(*command, flags->services);
    command->callback([flags, &context] { pull(context, *flags); });
}

void addPush(CLI::App& parent, Context& context) {
    struct Flags : PushOptions {
        std::vector<std::string> services;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("push", "Push service images");
    command->add_flag("--ignore-push-failures", flags->ignoreFailures, "Push what it can and ignores images with push failures");
    command->add_flag("--include-deps", flags->dependencies, "Also push images of services declared as dependencies");
    command->add_flag("-q,--quiet", flags->quiet, "Push without printing progress information");
    addServices(*command, flags->services);
    command->callback([flags, &context] { pushImages(context, *flags, flags->services); });
}

void addWait(CLI::App& parent, Context& context) {
    struct Flags {
        bool down = false;
        std::vector<std::string> services;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("wait", "Block until containers of all (or specified) services stop");
    command->add_flag("--down-project", flags->down, "Drops project when the first container stops");
    command->add_option("services", flags->services, "Services")->required();
    command->callback([flags, &context] { waitForEnd(context, flags->services, flags->down); });
}

}  // namespace devc::app

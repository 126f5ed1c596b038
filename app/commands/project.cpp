#include "app/commands/project.h"

#include <algorithm>

#include "app/project/execute.h"
#include "app/project/observe.h"
#include "compose/graph.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {

using engine::Container;
using engine::Error;

void ImageFlags::addTo(CLI::App& command, bool withBuild) {
    command.add_option("--pull", pull, "Pull image before running: always, missing, never, build");
    command.add_flag("--quiet-pull", quietPull, "Pull without printing progress information");
    if (!withBuild) return;
    command.add_flag("--build", build, "Build images before starting containers");
    command.add_flag("--no-build", noBuild, "Don't build an image, even if it's policy");
    command.add_flag("--quiet-build", quietBuild, "Suppress the build output");
}

ImageOptions ImageFlags::options(const Context& context) const {
    if (build && noBuild) throw Error("--build and --no-build are incompatible");
    ImageOptions result = imageOptionsOf(context);
    result.pull = pull;
    result.build = build;
    result.noBuild = noBuild;
    result.quietPull = quietPull;
    if (quietBuild) result.building.progress = ProgressMode::Quiet;
    return result;
}

std::vector<Container> containersOfServices(Context& context, const std::vector<std::string>& services, bool oneOffs) {
    std::vector<Container> containers = containersOf(context.engine(), context.projectName());
    const compose::Project* project = context.projectIfAny();
    for (const std::string& name : services) {
        const bool inFile = project != nullptr && (project->services.contains(name) || project->disabledServices.contains(name));
        const bool exists = std::any_of(containers.begin(), containers.end(), [&](const Container& container) { return serviceOf(container) == name; });
        if (!inFile && (project != nullptr || !exists)) throw Error::of("no such service: {}", name);
    }
    std::erase_if(containers, [&](const Container& container) {
        if (!oneOffs && isOneOff(container)) return true;
        return !services.empty() && std::find(services.begin(), services.end(), serviceOf(container)) == services.end();
    });
    return containers;
}

Container containerOfService(Context& context, const std::string& service, int index, bool stopped) {
    std::vector<Container> containers = containersOfServices(context, {service});
    std::erase_if(containers, [&](const Container& container) {
        return (index > 0 && numberOf(container) != index) || (!stopped && !isActive(container));
    });
    if (!containers.empty()) return containers.front();
    if (index > 0) throw Error::of("service \"{}\" is not running container #{}", service, index);
    throw Error::of("service \"{}\" is not running", service).hint("`devc up -d " + service + "` starts it");
}

void addServices(CLI::App& command, std::vector<std::string>& services) {
    command.add_option("service", services, "Services; all if none is named");
}

bool onlySaid(Context& context, const std::string& container, std::string doing, std::string done) {
    if (!context.options.dryRun) return false;
    const auto progress = progressOf(context);
    progress->working("Container " + container, std::move(doing));
    progress->done("Container " + container, std::move(done));
    return true;
}

void perform(Context& context, const std::function<ActionGraph()>& plan) {
    const ProjectLock lock = lockProject(context, context.projectName());
    const ActionGraph graph = plan();
    ExecuteOptions options;
    options.parallel = context.options.parallel;
    options.dryRun = context.options.dryRun;
    if (const compose::Project* project = context.projectIfAny()) options.hooks = hooksOf(*project, context.options.compatibility ? "_" : "-");
    const auto progress = progressOf(context);
    execute(context.engine(), graph, nullptr, *progress, options);
}

}  // namespace devc::app

#include <memory>

#include "app/commands/system.h"
#include "app/project/converge.h"
#include "app/project/execute.h"
#include "app/project/labels.h"
#include "app/project/observe.h"
#include "engine/container/boot.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::Container;

/// Containers that come back, by project; those of none under an empty name.
std::map<std::string, std::vector<Container>> returning(engine::Engine& engine) {
    std::map<std::string, std::vector<Container>> projects;
    for (Container& container : engine.containers().list()) {
        if (engine::isUp(container.state) || !engine::comesBack(container.spec.restart, engine::lastLifeOf(engine.host(), container))) continue;
        projects[labelOf(container, label::project)].push_back(std::move(container));
    }
    return projects;
}

/// In the order of their dependencies, as `start` does.
void startProject(Context& context, const std::string& project, const std::vector<Container>& containers, Progress& progress) {
    std::optional<ProjectLock> lock;
    if (!project.empty()) lock.emplace(lockProject(context, project));
    std::vector<const Container*> pointers;
    for (const Container& container : containers) pointers.push_back(&container);
    ActionGraph graph;
    planStarts(graph, pointers, {}, "the machine was started");
    ExecuteOptions options;
    options.parallel = context.options.parallel;
    options.dryRun = context.options.dryRun;
    execute(context.engine(), graph, nullptr, progress, options);
}

}  // namespace

void addSystemBoot(CLI::App& command, Context& context) {
    command.callback([&context] {
        const auto progress = progressOf(context);
        for (const auto& [project, containers] : returning(context.engine())) {
            // One project that cannot start keeps none of the others down.
            try {
                startProject(context, project, containers, *progress);
            } catch (const engine::Error& error) {
                progress->message(fmt::format("error: project {}: {}", project.empty() ? "(none)" : project, error.what()));
                context.status = 1;
            }
        }
    });
}

}  // namespace devc::app

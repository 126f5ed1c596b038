#include "app/project/converge.h"

#include <charconv>
#include <cstdio>

#include "app/project/execute.h"
#include "app/project/observe.h"
#include "app/project/provider.h"
#include "app/project/support.h"
#include "app/project/timing.h"
#include "app/ui/environment.h"
#include "app/ui/human.h"
#include "compose/graph.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {

using engine::Error;

ProjectLock lockProject(Context& context, const std::string& project) {
    return ProjectLock(context.engine().host().runDir, project, [](const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); });
}

std::unique_ptr<Progress> progressOf(Context& context, std::string title) {
    return Progress::make(parseProgress(context.options.progress),
                          parseAnsi(context.options.ansi), context.options.dryRun, std::move(title));
}

ImageOptions imageOptionsOf(const Context& context) {
    ImageOptions options;
    options.progress = parseProgress(context.options.progress);
    options.ansi = parseAnsi(context.options.ansi);
    options.dryRun = context.options.dryRun;
    options.building.progress = options.progress;
    return options;
}

std::map<std::string, int> parseScale(const std::vector<std::string>& pairs) {
    std::map<std::string, int> result;
    for (const std::string& pair : pairs) {
        const std::size_t equals = pair.find('=');
        if (equals == std::string::npos || equals == 0)
            throw Error::of("invalid scale specifier {}", pair).hint("write it as SERVICE=COUNT");
        const std::string count = pair.substr(equals + 1);
        int number = 0;
        const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), number);
        if (error != std::errc() || end != count.data() + count.size() || number < 0)
            throw Error::of("invalid scale {}: {} is not a number of containers", pair, count);
        result[pair.substr(0, equals)] = number;
    }
    return result;
}

std::optional<engine::Nanoseconds> parseTimeout(const std::string& text) {
    if (text.empty()) return std::nullopt;
    if (text.find_first_not_of("-0123456789") == std::string::npos) return std::chrono::seconds(std::atoll(text.c_str()));
    return parseDuration(text);
}

namespace {

/// What a convergence took, kept also when it fails: that is when one wants to know.
class KeptTiming {
public:
    KeptTiming(Stopwatch& stopwatch, const std::filesystem::path& runDir, const std::string& project)
        : stopwatch_(stopwatch), runDir_(runDir), project_(project) {}
    ~KeptTiming() {
        try {
            keep(runDir_, stopwatch_.result(project_));
        } catch (const std::exception&) {
            // The project is up all the same; `graph --timing` knows the one before.
        }
    }
    KeptTiming(const KeptTiming&) = delete;
    KeptTiming& operator=(const KeptTiming&) = delete;

private:
    Stopwatch& stopwatch_;
    const std::filesystem::path& runDir_;
    const std::string& project_;
};

}  // namespace

Converged converge(Context& context, const ConvergeOptions& options) {
    Converged result{compose::select(context.project(options.services), options.services, options.dependencies), {}, {}, {}};
    const std::vector<std::string> warnings = checkSupport(result.project);
    const ProjectLock lock = lockProject(context, result.project.name);
    const auto makeProgress = [&] { return options.quiet ? Progress::make(ProgressMode::Quiet, Ansi::Never) : progressOf(context); };
    if (options.provide && !context.options.dryRun && hasProvided(result.project)) bringUpProvided(result.project, *makeProgress());
    engine::Engine& engine = context.engine();
    DesiredOptions desiredOptions;
    desiredOptions.scale = options.scale;
    desiredOptions.selected = {options.services.begin(), options.services.end()};
    desiredOptions.compatibility = context.options.compatibility;
    result.desired = desiredOf(result.project, desiredOptions);

    std::vector<std::string> names, references;
    for (const auto& [name, service] : result.desired.services) {
        names.push_back(name);
        references.push_back(service.image);
    }
    if (!options.oneOff.empty()) {
        result.oneOff = result.desired.services.at(options.oneOff);
        result.desired.services.erase(options.oneOff);
    }
    ExecuteOptions execution;
    const auto images = [&] { return ensureImages(engine, result.project, names, options.images); };
    execution.images = result.images = options.stopwatch ? options.stopwatch->measure("images present", images) : images();
    execution.parallel = context.options.parallel;
    execution.dryRun = context.options.dryRun;
    execution.started = options.started;
    execution.hooks = hooksOf(result.project, result.desired.separator);
    execution.hookOutput = options.hookOutput;
    execution.stopwatch = options.stopwatch.get();

    PlanOptions planOptions = options.plan;
    planOptions.removeOrphans = planOptions.removeOrphans || environmentFlag("COMPOSE_REMOVE_ORPHANS");
    planOptions.ignoreOrphans = planOptions.ignoreOrphans || environmentFlag("COMPOSE_IGNORE_ORPHANS");
    const ActionGraph graph = plan(result.desired, observe(engine, result.project.name, references), planOptions);
    const auto progress = makeProgress();
    for (const std::string& warning : warnings) progress->message("warning: " + warning);
    std::optional<KeptTiming> kept;
    if (options.stopwatch && !graph.empty() && !context.options.dryRun) kept.emplace(*options.stopwatch, engine.host().runDir, result.project.name);
    execute(engine, graph, &result.desired, *progress, execution);
    return result;
}

}  // namespace devc::app

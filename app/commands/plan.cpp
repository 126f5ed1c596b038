// plan: what `up` would do, and why.
#include <cstdio>
#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/commands/noun.h"
#include "app/commands/project.h"
#include "app/project/observe.h"
#include "app/report.h"
#include "app/ui/table.h"
#include "compose/graph.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::Error;
using nlohmann::json;

const char* verbOf(const Action& action) {
    switch (action.step) {
        case Step::CreateNetwork: return "create network";
        case Step::RemoveNetwork: return "remove network";
        case Step::CreateVolume: return "create volume";
        case Step::RemoveVolume: return "remove volume";
        case Step::CreateContainer: return action.replaces.empty() ? "create" : "recreate";
        case Step::StopContainer: return "stop";
        case Step::RemoveContainers: return "remove";
        case Step::RunPreStart: return "run pre_start of";
        case Step::StartContainer: return "start";
        case Step::Await: return "wait for";
        case Step::PrepareStart: return "";
    }
    return "";
}

std::string subjectOf(const Action& action) {
    if (action.step == Step::RemoveContainers) return fmt::format("{}", fmt::join(action.names, ", "));
    if (action.step != Step::Await) return action.subject;
    return action.subject + (action.condition == compose::Condition::Healthy ? " to be healthy" : " to complete");
}

/// Images that a real `up` would first build or pull.
std::vector<std::pair<std::string, std::string>> missingImages(Context& context, const compose::Project& project) {
    std::vector<std::pair<std::string, std::string>> result;
    for (const auto& [name, service] : project.services)
        if (!service.provider) {
            if (!context.engine().images().find(service.imageOr(project.name))) result.emplace_back(service.build ? "build" : "pull", service.imageOr(project.name));
            for (const std::string& image : service.preStartImages())
                if (!context.engine().images().find(image)) result.emplace_back("pull", image);
        }
    return result;
}

void show(Context& context, const std::vector<std::string>& services, const std::string& format) {
    const compose::Project project = compose::select(context.project(services), services);
    const DesiredProject desired = desiredOf(project, {{}, {services.begin(), services.end()}, context.options.compatibility});
    std::vector<std::string> references;
    for (const auto& [name, service] : desired.services) references.push_back(service.image);
    const ActionGraph graph = plan(desired, observe(context.engine(), project.name, references), {});

    json rows = json::array();
    const auto add = [&](const std::string& action, const std::string& subject, const std::string& reason) {
        if (format == "json") rows.push_back({{"Action", action}, {"Subject", subject}, {"Reason", reason}});
        else out(escapeControls(fmt::format("{} {}{}", action, subject, reason.empty() ? "" : ": " + reason)) + "\n");
    };
    for (const auto& [action, reference] : missingImages(context, project)) add(action, reference, "it is not here");
    for (const Action& action : graph.actions)
        if (action.step != Step::PrepareStart) add(verbOf(action), subjectOf(action), action.reason);
    if (format == "json") out(rows.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
    else if (graph.empty()) out("Nothing to do: the project runs as its files say.\n");
    for (const std::string& warning : graph.warnings) reportLine("warning: ", warning);
}

}  // namespace

void addPlan(CLI::App& parent, Context& context) {
    struct Flags {
        std::string format = "text";
        std::vector<std::string> services;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("plan", "Show what `up` would do, and why");
    command->add_option("--format", flags->format, "text or json")->check(CLI::IsMember({"text", "json"}));
    addServices(*command, flags->services);
    command->callback([flags, &context] { show(context, flags->services, flags->format); });
}

}  // namespace devc::app

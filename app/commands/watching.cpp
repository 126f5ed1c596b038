// top, stats, events: what happens in a project now.
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/commands/container.h"
#include "app/commands/noun.h"
#include "app/commands/project.h"
#include "app/project/labels.h"
#include "app/project/observe.h"
#include "app/ui/human.h"
#include "app/ui/table.h"
#include "engine/container/top.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::Container;
using nlohmann::json;

void top(Context& context, const std::vector<std::string>& services) {
    std::string text;
    const auto add = [&](const std::vector<std::string>& cells) {
        for (std::size_t i = 0; i < cells.size(); ++i) text += escapeControls(cells[i]) + (i + 1 < cells.size() ? "\t" : "\n");
    };
    for (const Container& container : containersOfServices(context, services)) {
        if (!isActive(container)) continue;
        engine::ProcessTable processes = context.engine().containers().top(container.id, {});
        if (text.empty()) {
            processes.titles.insert(processes.titles.begin(), {"SERVICE", "#"});
            add(processes.titles);
        }
        for (std::vector<std::string>& row : processes.rows) {
            row.insert(row.begin(), {serviceOf(container), std::to_string(numberOf(container))});
            add(row);
        }
    }
    out(alignColumns(text, 0, 2));
}

/// What an event of a container says to users: without the labels that hold the project together.
std::map<std::string, std::string> attributesOf(const engine::Event& event) {
    std::map<std::string, std::string> result;
    for (const auto& [key, value] : event.attributes)
        if (!key.starts_with("com.docker.compose.")) result.emplace(key, value);
    return result;
}

void events(Context& context, bool asJson, const std::string& since, const std::string& until, const std::vector<std::string>& services) {
    const std::string project = context.projectName();
    const auto attribute = [](const engine::Event& event, const char* name) {
        const auto found = event.attributes.find(name);
        return found == event.attributes.end() ? std::string() : found->second;
    };
    context.engine().events().follow(since, until, [&](const engine::Event& event) {
        const std::string service = attribute(event, label::service);
        const bool ours = event.type == "container" && attribute(event, label::project) == project && attribute(event, label::oneOff) != "True";
        if (!ours || (!services.empty() && std::find(services.begin(), services.end(), service) == services.end())) return true;
        const auto attributes = attributesOf(event);
        if (asJson) {
            const json line = {{"action", event.action}, {"attributes", attributes}, {"id", event.id}, {"service", service}, {"time", event.time}, {"type", event.type}};
            out(line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
        } else {
            std::string list;
            for (const auto& [key, value] : attributes) list += fmt::format("{}{}={}", list.empty() ? "" : ", ", escapeControls(key), escapeControls(value));
            out(fmt::format("{} {} {} {} ({})\n", localTime(event.time), event.type, event.action, event.id, list));
        }
        return std::fflush(stdout) == 0;
    });
}

}  // namespace

void addTop(CLI::App& parent, Context& context) {
    const auto services = std::make_shared<std::vector<std::string>>();
    CLI::App* command = parent.add_subcommand("top", "Display the running processes");
    addServices(*command, *services);
    command->callback([services, &context] { top(context, *services); });
}

void addStats(CLI::App& parent, Context& context) {
    struct Flags {
        bool all = false, once = false, whole = false;
        std::string format;
        std::vector<std::string> services;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("stats", "Display a live stream of container(s) resource usage statistics");
    command->add_flag("-a,--all", flags->all, "Show all containers (default shows just running)");
    command->add_flag("--no-stream", flags->once, "Disable streaming stats and only pull the first result");
    command->add_flag("--no-trunc", flags->whole, "Do not truncate output");
    command->add_option("--format", flags->format, "table, json or a template");
    addServices(*command, flags->services);
    command->callback([flags, &context] {
        showStats(context, [&] {
            std::vector<Container> containers = containersOfServices(context, flags->services);
            if (!flags->all) std::erase_if(containers, [](const Container& container) { return !isActive(container); });
            return containers;
        }, flags->format, !flags->once, flags->whole);
    });
}

void addEvents(CLI::App& parent, Context& context) {
    struct Flags {
        bool json = false;
        std::string since, until;
        std::vector<std::string> services;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = parent.add_subcommand("events", "Receive real time events from containers");
    command->add_flag("--json", flags->json, "Output events as a stream of json objects");
    command->add_option("--since", flags->since, "Show all events created since timestamp");
    command->add_option("--until", flags->until, "Stream events until this timestamp");
    addServices(*command, flags->services);
    command->callback([flags, &context] { events(context, flags->json, flags->since, flags->until, flags->services); });
}

}  // namespace devc::app

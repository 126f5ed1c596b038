#include <algorithm>
#include <memory>

#include "app/commands/commands.h"
#include "app/commands/print_flags.h"
#include "app/commands/project.h"
#include "app/project/arrivals.h"
#include "app/project/follow.h"
#include "app/project/observe.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/timestamp.h"

namespace devc::app {
namespace {

using engine::Container;
using engine::Error;

struct LogFlags {
    bool follow = false;
    PrintFlags print;
    std::string tail = "all", since, until;
    int index = 0;
    std::vector<std::string> services;
};

engine::LogQuery queryOf(const LogFlags& flags) {
    engine::LogQuery query;
    query.follow = flags.follow;
    query.timestamps = flags.print.timestamps;
    query.since = flags.since;
    query.until = flags.until;
    if (flags.tail == "all" || flags.tail.empty()) return query;
    if (flags.tail.find_first_not_of("-0123456789") != std::string::npos)
        throw Error::of("invalid value for --tail: {}", flags.tail).hint("a number of lines, or all");
    const std::int64_t lines = std::atoll(flags.tail.c_str());
    if (lines >= 0) query.tail = lines;
    return query;
}

std::vector<Container> chosenContainers(Context& context, const LogFlags& flags) {
    if (flags.index > 0 && flags.services.size() == 1) return {containerOfService(context, flags.services.front(), flags.index, true)};
    return containersOfServices(context, flags.services);
}

bool isChosen(const LogFlags& flags, const Container& container) {
    const bool named = flags.services.empty() || std::find(flags.services.begin(), flags.services.end(), serviceOf(container)) != flags.services.end();
    return named && (flags.index <= 0 || flags.services.size() != 1 || numberOf(container) == flags.index);
}

void followLogs(Context& context, const LogFlags& flags, const engine::LogQuery& query, LogPrinter& printer) {
    const std::string begin = engine::timestampNow();
    const std::vector<Container> containers = chosenContainers(context, flags);
    for (const Container& container : containers) printer.add(shownName(container));
    Followers followers(context.engine(), printer);
    for (const Container& container : containers) followers.follow(container, query, true, isActive(container));
    engine::LogQuery later = query;
    later.tail = std::nullopt;
    const Arrivals arrivals(context.engine(), context.projectName(), begin, [&](const Container& container) {
        if (isChosen(flags, container)) followers.follow(container, later, true, true);
    });
    followers.waitForAll();
}

void logs(Context& context, const LogFlags& flags) {
    const engine::LogQuery query = queryOf(flags);
    LogPrinter printer(flags.print.options(context));
    if (flags.follow) return followLogs(context, flags, query, printer);
    const std::vector<Container> containers = chosenContainers(context, flags);
    for (const Container& container : containers) printer.add(shownName(container));
    for (const Container& container : containers) {
        const std::string name = shownName(container);
        context.engine().containers().logs(container.id, query, [&](const engine::LogLine& line) {
            printer.write(name, line.text, line.stderr_, line.time);
            return printer.alive();
        });
        printer.finish(name);
    }
}

}  // namespace

void addLogs(CLI::App& parent, Context& context) {
    const auto flags = std::make_shared<LogFlags>();
    CLI::App* command = parent.add_subcommand("logs", "View output from containers");
    command->add_flag("-f,--follow", flags->follow, "Follow log output");
    command->add_option("-n,--tail", flags->tail, "Number of lines to show from the end of the logs for each container");
    command->add_option("--since", flags->since, "Show logs since timestamp (2013-01-02T13:23:37Z) or relative (42m for 42 minutes)");
    command->add_option("--until", flags->until, "Show logs before a timestamp or relative time");
    flags->print.addTo(*command, "-t,--timestamps");
    command->add_option("--index", flags->index, "Index of the container if service has multiple replicas");
    addServices(*command, flags->services);
    command->callback([flags, &context] { logs(context, *flags); });
}

}  // namespace devc::app

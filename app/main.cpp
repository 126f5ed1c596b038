#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <unistd.h>

#include "app/arguments.h"
#include "app/commands/commands.h"
#include "app/context.h"
#include "app/global_options.h"
#include "app/report.h"
#include "app/ui/output.h"
#include "app/usage.h"
#include "engine/error.h"

namespace devc::app {
namespace {

/// docker's exit status for a command line that is not understood.
int usageStatus(const std::vector<std::string>& arguments, const std::string& command) {
    if (command != "container" && command != "exec") return 2;
    for (const std::string& argument : arguments)
        if (argument == "run" || argument == "create") return 125;
    return 2;
}

int printProblem(const UsageProblem& problem, int status) {
    reportLine("error: ", problem.message);
    reportLine("  hint: ", problem.hint);
    return status;
}

int reportUsage(const CLI::ParseError& error, const CLI::App& root, int status) {
    if (error.get_exit_code() != 0) return printProblem(explain(error, root), status);
    std::fputs(error.get_name() == "CallForAllHelp" ? root.help("", CLI::AppFormatMode::All).c_str() : root.help().c_str(), stdout);
    return 0;
}

/// Whether the command is one of Compose's; the others know no `--dry-run`.
bool isOfProjects(const std::string& name) {
    const auto& table = commands();
    const auto found = std::find_if(table.begin(), table.end(), [&](const Command& command) { return command.name == name; });
    return found == table.end() || found->scope == Scope::Project;
}

std::vector<std::string> namesOf(const std::vector<Command>& table) {
    std::vector<std::string> result;
    for (const Command& command : table)
        if (!command.hidden) result.emplace_back(command.name);
    return result;
}

int run(std::vector<std::string> arguments) {
    Context context;
    CLI::App root("Compose, builds and containers without a daemon", "devc");
    root.option_defaults()->take_last();
    root.fallthrough();
    root.formatter(helpFormat());
    root.footer("`devc COMMAND --help` says more of a command.");
    bool version = false;
    root.add_flag("-v,--version", version, "Show the version");
    addGlobalOptions(root, context.options);

    arguments = helpAsFlag(root, std::move(arguments));
    context.arguments = arguments;
    const std::string name = findCommand(root, arguments);
    for (const Command& command : commands())
        // Help lists what is not hidden.
        if (name.empty() ? !command.hidden : command.name == name) {
            command.add(root, context);
            CLI::App* added = subcommandOf(root, std::string(command.name));
            if (added != nullptr && command.hidden) added->group("");
        }
    const bool known = !root.get_subcommands([](CLI::App*) { return true; }).empty();
    if (!name.empty() && !known) return printProblem(unknownCommand(name, namesOf(commands())), 2);
    root.parse_complete_callback([&] {
        if (context.options.dryRun && !isOfProjects(name))
            throw engine::Error::of("--dry-run is for the commands on projects: `devc {}` would do it", name).hint("without --dry-run it is done");
    });
    try {
        root.require_subcommand(name.empty() ? 0 : 1, 1);
        std::vector<std::string> normal = normalizeArguments(root, arguments);
        root.parse(std::vector<std::string>(normal.rbegin(), normal.rend()));
        if (version) std::printf("devc version %s\n", DEVC_VERSION);
        else if (name.empty()) std::fputs(root.help().c_str(), stdout);
    } catch (const CLI::ParseError& error) {
        return reportUsage(error, root, usageStatus(arguments, name));
    }
    return context.status;
}

}  // namespace
}  // namespace devc::app

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_DFL);
    devc::app::holdStandardDescriptors();
    try {
        const int status = devc::app::run({argv + 1, argv + argc});
        devc::app::finishOutput();
        return status;
    } catch (...) {
        return devc::app::reportException(std::current_exception());
    }
}

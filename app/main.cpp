#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "app/arguments.h"
#include "app/commands/commands.h"
#include "app/context.h"
#include "app/report.h"

namespace devc::app {
namespace {

void addGlobalOptions(CLI::App& root, GlobalOptions& options) {
    addList(root, "-f,--file", options.files, "Compose configuration files; - is standard input");
    root.add_option("-p,--project-name", options.projectName, "Project name");
    addList(root, "--profile", options.profiles, "Profile to enable");
    root.add_option("--project-directory,--workdir", options.projectDirectory, "Folder that relative paths are relative to");
    addList(root, "--env-file", options.envFiles, "File with variables, in place of .env");
    root.add_option("--parallel", options.parallel, "Most operations at the same time, -1 for no limit");
    root.add_option("--progress", options.progress, "auto, tty, plain, json, quiet")
        ->check(CLI::IsMember({"auto", "tty", "plain", "json", "quiet", "rawjson"}));
    root.add_option("--ansi", options.ansi, "never, always, auto")->check(CLI::IsMember({"never", "always", "auto"}));
    root.add_flag("--dry-run", options.dryRun, "Say what would be done, do nothing");
    root.add_flag("--all-resources", options.allResources, "Include resources that no service uses");
    root.add_flag("--compatibility", options.compatibility, "Names with _ in place of -");
    // The engine and its helpers find their folders in the environment.
    root.add_option("--state-dir", options.stateDir, "Where durable state is (DEVC_STATE_DIR)")
        ->each([](const std::string& value) { setenv("DEVC_STATE_DIR", value.c_str(), 1); });
    root.add_option("--run-dir", options.runDir, "Where state until reboot is (DEVC_RUN_DIR)")
        ->each([](const std::string& value) { setenv("DEVC_RUN_DIR", value.c_str(), 1); });
    root.add_flag("--debug", options.debug, "Say more about what is done");
}

/// docker's exit status for a command line that is not understood.
int usageStatus(const std::vector<std::string>& arguments, const std::string& command) {
    if (command != "container" && command != "exec") return 2;
    for (const std::string& argument : arguments)
        if (argument == "run" || argument == "create") return 125;
    return 2;
}

int reportUsage(const CLI::ParseError& error, const CLI::App& root, int status) {
    if (error.get_exit_code() == 0) {
        std::fputs(error.get_name() == "CallForAllHelp" ? root.help("", CLI::AppFormatMode::All).c_str() : root.help().c_str(), stdout);
        return 0;
    }
    std::fprintf(stderr, "error: %s\n  hint: `devc %s--help` lists the flags\n", error.what(),
                 root.get_subcommands().empty() ? "" : (root.get_subcommands().front()->get_name() + " ").c_str());
    return status;
}

int run(std::vector<std::string> arguments) {
    Context context;
    context.arguments = arguments;
    CLI::App root("Compose, builds and containers without a daemon", "devc");
    root.option_defaults()->take_last();
    root.fallthrough();
    bool version = false;
    root.add_flag("-v,--version", version, "Show the version");
    addGlobalOptions(root, context.options);

    const std::string name = findCommand(root, arguments);
    for (const Command& command : commands())
        if (name.empty() || command.name == name) {
            command.add(root, context);
            CLI::App* added = subcommandOf(root, std::string(command.name));
            if (added != nullptr && command.hidden) added->group("");
        }
    try {
        const bool known = !root.get_subcommands([](CLI::App*) { return true; }).empty();
        if (!name.empty() && !known) throw CLI::ExtrasError("devc", {"unknown command: " + name});
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
    try {
        const int status = devc::app::run({argv + 1, argv + argc});
        return std::fflush(stdout) == 0 ? status : 1;
    } catch (...) {
        return devc::app::reportException(std::current_exception());
    }
}

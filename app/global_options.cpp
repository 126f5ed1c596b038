#include "app/global_options.h"

#include <cstdlib>

#include "app/commands/commands.h"

namespace devc::app {

void addGlobalOptions(CLI::App& root, GlobalOptions& options) {
    addList(root, "-f,--file", options.files, "Compose configuration files; - is standard input");
    root.add_option("-p,--project-name", options.projectName, "Project name");
    addList(root, "--profile", options.profiles, "Profile to enable");
    root.add_option("--project-directory,--workdir", options.projectDirectory, "Folder that relative paths are relative to");
    addList(root, "--env-file", options.envFiles, "File with variables, in place of .env");
    root.add_option("--parallel", options.parallel, "Most operations at the same time, -1 for no limit")->envname("COMPOSE_PARALLEL_LIMIT");
    root.add_option("--progress", options.progress, "auto, tty, plain, json, quiet")
        ->check(CLI::IsMember({"auto", "tty", "plain", "json", "quiet", "rawjson"}));
    root.add_option("--ansi", options.ansi, "never, always, auto")->check(CLI::IsMember({"never", "always", "auto"}));
    root.add_flag("--dry-run", options.dryRun, "Say what would be done, do nothing");
    root.add_flag("--all-resources", options.allResources, "Include resources that no service uses");
    root.add_flag("--compatibility", options.compatibility, "Names with _ in place of -")->envname("COMPOSE_COMPATIBILITY");
    root.add_option("--state-dir", options.stateDir, "Where durable state is (DEVC_STATE_DIR)")
        ->each([](const std::string& value) { setenv("DEVC_STATE_DIR", value.c_str(), 1); });
    root.add_option("--run-dir", options.runDir, "Where state until reboot is (DEVC_RUN_DIR)")
        ->each([](const std::string& value) { setenv("DEVC_RUN_DIR", value.c_str(), 1); });
    root.add_flag("--debug", options.debug, "Say more about what is done");
}

}  // namespace devc::app

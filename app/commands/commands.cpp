#include "app/commands/commands.h"

namespace devc::app {

const std::vector<Command>& commands() {
    static const std::vector<Command> table = {
        // Projects
        {"up", "Create and start containers", addUp},
        {"down", "Stop and remove containers, networks", addDown},
        {"create", "Creates containers for a service", addCreate},
        {"start", "Start services", addStart},
        {"stop", "Stop services", addStop},
        {"restart", "Restart service containers", addRestart},
        {"kill", "Force stop service containers", addKill},
        {"pause", "Pause services", addPause},
        {"unpause", "Unpause services", addUnpause},
        {"rm", "Removes stopped service containers", addRm},
        {"scale", "Scale services", addScale},
        {"ps", "List containers", addPs},
        {"logs", "View output from containers", addLogs},
        {"exec", "Execute a command in a running container", addExec},
        {"run", "Run a one-off command on a service", addRun},
        {"attach", "Attach to a service's running container", addAttach},
        {"wait", "Block until containers stop", addWait},
        {"top", "Display the running processes", addTop},
        {"stats", "Display a live stream of container(s) resource usage statistics", addStats},
        {"events", "Receive real time events from containers", addEvents},
        {"cp", "Copy files/folders between a service container and the local filesystem", addCopy},
        {"export", "Export a service container's filesystem as a tar archive", addExport},
        {"commit", "Create a new image from a service container's changes", addCommit},
        {"plan", "Show what `up` would do, and why", addPlan},
        {"graph", "Show services, what they wait for, networks, volumes and ports", addGraph},
        {"watch", "Refresh containers when files change", addWatch},
        {"images", "List images used by the created containers", addImages},
        {"ls", "List running compose projects", addLs},
        {"port", "Print the public port for a port binding", addPort},
        {"volumes", "List volumes", addVolumes},
        {"pull", "Pull service images", addPull},
        {"push", "Push service images", addPush},
        {"version", "Show the devc version information", addVersion},
        {"build", "Build or rebuild services", addBuild},
        {"config", "Check the compose file and print it", addConfig},
        {"convert", "Check the compose file and print it", addConfig, Scope::Project, true},
        {"publish", "Publish compose application", addPublish, Scope::Project, true},
        {"bridge", "Convert compose files into another model", addBridge, Scope::Project, true},
        // Engine
        {"container", "Manage containers", addContainer, Scope::Engine},
        {"image", "Manage images", addImage, Scope::Engine},
        {"volume", "Manage volumes", addVolume, Scope::Engine},
        {"network", "Manage networks", addNetwork, Scope::Engine},
        {"builder", "Manage the build cache", addBuilder, Scope::Engine},
        {"login", "Authenticate to a registry", addLogin, Scope::Engine},
        {"logout", "Log out from a registry", addLogout, Scope::Engine},
        {"system", "Manage devc", addSystem, Scope::Engine},
        {"doctor", "Check that this machine has what devc needs", addDoctor, Scope::Engine},
        {"completion", "Print a completion script for a shell", addCompletion, Scope::Engine},
        {"__complete", "What may stand at the cursor", addComplete, Scope::Engine, true},
        {"__manual", "Write the manual pages", addManual, Scope::Engine, true},
    };
    return table;
}

CLI::Option* addList(CLI::App& command, const std::string& names, std::vector<std::string>& values, const std::string& help) {
    return command.add_option(names, values, help)->take_all()->allow_extra_args(false);
}

void endFlagsAtFirstArgument(CLI::App& command) {
    command.positionals_at_end();
}

}  // namespace devc::app

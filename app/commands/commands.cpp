#include "app/commands/commands.h"

namespace devc::app {

const std::vector<Command>& commands() {
    static const std::vector<Command> table = {
        // Projects
        // Engine
        {"container", "Manage containers", addContainer},
        {"image", "Manage images", addImage},
        {"volume", "Manage volumes", addVolume},
        {"network", "Manage networks", addNetwork},
        {"builder", "Manage the build cache", addBuilder},
        {"system", "Manage devc", addSystem},
        {"completion", "Print a completion script for a shell", addCompletion},
        {"__complete", "What may stand at the cursor", addComplete, true},
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

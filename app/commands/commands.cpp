#include "app/commands/commands.h"

namespace devc::app {

const std::vector<Command>& commands() {
    static const std::vector<Command> table = {
        // Projects
        // Engine
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

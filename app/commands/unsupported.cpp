// bridge: a command of Docker Compose that devc does not have, said as such and not as a mistake.
#include "app/commands/commands.h"
#include "engine/error.h"

namespace devc::app {

void addBridge(CLI::App& parent, Context&) {
    CLI::App* command = parent.add_subcommand("bridge", "Convert compose files into another model (not supported yet)");
    command->allow_extras()->fallthrough(false);  // whatever its arguments are
    command->callback([] { throw engine::Error("devc bridge is not supported yet").hint("`devc config --format json` prints the model for a converter"); });
}

}  // namespace devc::app

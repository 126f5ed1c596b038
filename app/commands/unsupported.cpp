// publish, bridge: Docker Compose's commands that devc does not have, said as such and not as mistakes.
#include "app/commands/commands.h"
#include "engine/error.h"

namespace devc::app {
namespace {

void addUnsupported(CLI::App& parent, const std::string& name, const std::string& help, const std::string& hint) {
    CLI::App* command = parent.add_subcommand(name, help);
    command->allow_extras()->fallthrough(false);  // whatever its arguments are
    command->callback([name, hint] { throw engine::Error::of("devc {} is not supported yet", name).hint(hint); });
}

}  // namespace

void addPublish(CLI::App& parent, Context&) {
    addUnsupported(parent, "publish", "Publish compose application (not supported yet)", "`devc push` pushes the images, `devc config` prints the file to hand on");
}

void addBridge(CLI::App& parent, Context&) {
    addUnsupported(parent, "bridge", "Convert compose files into another model (not supported yet)", "`devc config --format json` prints the model for a converter");
}

}  // namespace devc::app

#include <memory>

#include "app/commands/commands.h"
#include "app/commands/project.h"
#include "app/project/end_signals.h"
#include "app/project/watch.h"

namespace devc::app {

void addWatch(CLI::App& parent, Context& context) {
    struct Flags {
        bool noUp = false;
        WatchOptions watch;
    };
    const auto flags = std::make_shared<Flags>();
    flags->watch.prune = true;
    CLI::App* command = parent.add_subcommand("watch", "Watch build context for service and rebuild/refresh containers when files are updated");
    command->add_flag("--no-up", flags->noUp, "Do not build & start services before watching");
    command->add_flag("--prune,!--no-prune", flags->watch.prune, "Prune dangling images on rebuild");
    command->add_flag("--quiet", flags->watch.quiet, "Hide build output");
    addServices(*command, flags->watch.services);
    command->callback([flags, &context] {
        checkWatchable(context, flags->watch);
        if (!flags->noUp) {
            ConvergeOptions options;
            options.services = flags->watch.services;
            options.images = imageOptionsOf(context);
            options.images.build = true;
            options.quiet = flags->watch.quiet;
            converge(context, options);
        }
        const EndSignals signals;
        watchProject(context, flags->watch, signals.descriptor());
    });
}

}  // namespace devc::app

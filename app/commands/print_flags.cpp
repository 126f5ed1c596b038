#include "app/commands/print_flags.h"

#include <unistd.h>

namespace devc::app {

void PrintFlags::addTo(CLI::App& command, const std::string& timestampsName) {
    command.add_flag(timestampsName, timestamps, "Show timestamps");
    command.add_flag("--no-color", noColor, "Produce monochrome output");
    command.add_flag("--no-log-prefix", noPrefix, "Don't print prefix in logs");
}

LogPrinter::Options PrintFlags::options(const Context& context) const {
    LogPrinter::Options options;
    options.prefix = !noPrefix;
    options.timestamps = timestamps;
    options.color = !noColor && colorWanted(parseAnsi(context.options.ansi), STDOUT_FILENO);
    options.err = stderr;
    return options;
}

}  // namespace devc::app

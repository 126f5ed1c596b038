#pragma once
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/commands/print_flags.h"
#include "app/context.h"
#include "app/project/converge.h"

namespace devc::app {

/// What `up` in the foreground shows, and when it ends.
struct AttachFlags {
    bool abortOnExit = false, abortOnFailure = false, dependencies = false;
    bool watch = false;
    bool menu = false;  ///< keys to press, where there is a terminal
    PrintFlags print;
    std::string exitCodeFrom;
    std::vector<std::string> attach, noAttach;

    void addTo(CLI::App& command);
};

/// `up` in the foreground: creates, starts, prints what the services write until all have ended or a signal comes.
/// SIGINT and SIGTERM stop the project in order (a second one kills it). Sets context.status.
void upAttached(Context& context, const ConvergeOptions& options, const AttachFlags& flags);

}  // namespace devc::app

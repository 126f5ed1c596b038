#pragma once
#include <CLI/CLI.hpp>

#include "app/context.h"

namespace devc::app {

/// The flags that stand before the command. --state-dir and --run-dir go into the environment, where the engine and its
/// helpers look for them.
void addGlobalOptions(CLI::App& root, GlobalOptions& options);

}  // namespace devc::app

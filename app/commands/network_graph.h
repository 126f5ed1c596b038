#pragma once
#include "app/commands/noun.h"

namespace devc::app {

/// network graph: who can reach whom.
void addNetworkGraph(CLI::App& command, Context& context);

}  // namespace devc::app

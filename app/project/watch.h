#pragma once
#include <string>
#include <vector>

#include "app/context.h"

namespace devc::app {

struct WatchOptions {
    std::vector<std::string> services;  ///< empty: all that have `develop.watch`
    bool quiet = false;                 ///< do not say what is done
    bool prune = false;                 ///< remove what a rebuild takes the name from
};

/// Throws what watchProject() would throw for want of rules, or for a malformed one.
void checkWatchable(Context& context, const WatchOptions& options);

/// Keeps running containers as their services' `develop.watch` says until `stop` becomes readable: changed files are
/// copied, images rebuilt, containers restarted. What fails is told on stderr, and watching goes on.
/// Throws Error if no service has a rule.
void watchProject(Context& context, const WatchOptions& options, int stop);

}  // namespace devc::app

#pragma once
#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/context.h"

namespace devc::app {

/// One thing that may stand where the cursor is.
struct Candidate {
    std::string text, help;
};

struct Completion {
    std::vector<Candidate> candidates;
    bool files = false;  ///< paths may stand there too
};

/// Names that are known at run time only. Kinds: service, profile, container, image, volume, network.
using NameSource = std::function<std::vector<std::string>(const std::string& kind)>;

/// What the last of `words` (without the program; may be empty) can become. `root` has the global flags and the command that
/// the words name, or all commands if they name none yet.
Completion complete(CLI::App& root, const std::vector<std::string>& words, const NameSource& names);

}  // namespace devc::app

#pragma once
#include <map>
#include <string>

#include "engine/build/layer_cache.h"
#include "engine/build/operation.h"
#include "engine/build/workshop.h"

namespace devc::engine::build {

class StepFolder;

/// Digest of the files that a bind mount shows; part of the step's key.
std::string mountedContent(Workshop& shop, const RunMount& mount, const Snapshot* from);

/// Runs the program of RUN in a container of the engine whose changes go to the folder's upper. What it prints is reported
/// line by line. Throws Error "process "..." did not complete successfully: exit code: N" with its last lines.
void runProgram(Workshop& shop, const Operation& operation, const Snapshot& below, const std::map<const Operation*, Snapshot>& inputs,
                const StepFolder& folder);

/// Runs a shell with the caller's terminal in the folder's file system: for a RUN in the container of its program. Returns its
/// exit status.
int runShell(Workshop& shop, const Operation& operation, const Snapshot& below, const std::map<const Operation*, Snapshot>& inputs,
             const StepFolder& folder);

}  // namespace devc::engine::build

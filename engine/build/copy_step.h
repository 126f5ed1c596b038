#pragma once
#include <string>

#include "engine/build/layer_cache.h"
#include "engine/build/operation.h"
#include "engine/build/workshop.h"

namespace devc::engine::build {

class StepFolder;

/// Digest of the files that a COPY takes; `from` is what its origin's operation made, if it has one. Throws Error if a file
/// is not there.
std::string copiedContent(Workshop& shop, const CopyStep& step, const Snapshot* from);

/// Carries out COPY, ADD: puts the files into `folder`, which becomes a layer above `below`.
void runCopy(Workshop& shop, const CopyStep& step, const Snapshot& below, const Snapshot* from, const StepFolder& folder);

/// Carries out WORKDIR: makes the folder with its parents.
void runFolder(Workshop& shop, const Operation& operation, const Snapshot& below, const StepFolder& folder);

}  // namespace devc::engine::build

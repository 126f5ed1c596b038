#pragma once
#include <optional>
#include <string>

#include "engine/build/operation.h"
#include "engine/build/place.h"
#include "engine/build/workshop.h"

namespace devc::engine::build {

class StepFolder;

/// What tells the present content of a URL of ADD from an earlier one: its checksum, entity tag or the commit of a branch.
std::string remoteIdentity(Workshop& shop, const CopyStep& step, const std::string& url);

/// Fetches a URL or a git repository and puts it to the step's destination.
void addRemote(Workshop& shop, const CopyStep& step, const std::string& url, int root, Placer& placer, std::optional<Owner> owner,
               const StepFolder& folder);

}  // namespace devc::engine::build

#pragma once
#include "compose/model/project.h"
#include "compose/problems.h"

namespace devc::compose {

/// What must hold between the parts of a project: references exist, no dependency cycle, no contradicting limits.
void checkConsistency(const Project& project, Problems& problems);

}  // namespace devc::compose

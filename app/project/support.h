#pragma once
#include <string>
#include <vector>

#include "compose/model/project.h"

namespace devc::app {

/// What the enabled services ask for that this program or machine does not do. Throws Error for the first thing without
/// which a service would be unsafe or useless; returns a sentence for each of the others, in order of the services; of what all `deploy` say of a cluster, one.
std::vector<std::string> checkSupport(const compose::Project& project);

}  // namespace devc::app

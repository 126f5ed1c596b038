#pragma once
#include "compose/model/project.h"
#include "compose/source/node.h"

namespace devc::compose {

/// The typed form of a finished service.
Service serviceFromTree(const std::string& name, const Node& node);

/// Fills networks, volumes, configs, secrets and models of the project from a finished document.
void resourcesFromTree(Project& project, const Node& document);

}  // namespace devc::compose

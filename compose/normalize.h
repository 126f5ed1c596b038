#pragma once
#include <string>

#include "compose/model/mapping.h"
#include "compose/problems.h"
#include "compose/source/node.h"

namespace devc::compose {

/// Fills in what the specification implies: the default network, names of resources, Dockerfile, dependencies that
/// follow from links, shared namespaces and volumes_from; build arguments without value from `environment`.
void normalize(Node& document, const std::string& projectName, const StringMap& environment);

/// What a build without a context or a mount with a relative one implies even where normalisation is off.
void setDefaults(Node& document);

/// Rules that the shape alone can't say: one source for a secret, no driver for an external volume, ...
void validate(const Node& document, Problems& problems);

}  // namespace devc::compose

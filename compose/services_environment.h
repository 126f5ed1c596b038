#pragma once
#include <functional>

#include "compose/model/mapping.h"
#include "compose/source/node.h"

namespace devc::compose {

/// Puts what env_file and label_file name below `environment` and `labels` of every service of a finished document,
/// and takes env_file away. A missing file is an error (LoadError) only for services that are `enabled`.
void resolveServicesEnvironment(Node& document, const StringMap& environment, Sources& sources,
                                const std::function<bool(const Node&)>& enabled);

}  // namespace devc::compose

#pragma once
#include <functional>

#include "compose/interpolate.h"
#include "compose/model/mapping.h"
#include "compose/source/node.h"

namespace devc::compose {

/// Puts what label_file and, with `variables`, env_file name below `labels` and `environment` of every service of a
/// finished document, and takes env_file away. A missing file is an error (LoadError) only for services that are `enabled`.
void resolveServicesFiles(Node& document, const StringMap& environment, bool variables, Sources& sources,
                          const std::function<bool(const Node&)>& enabled, const Unset& unset);

}  // namespace devc::compose

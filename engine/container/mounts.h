#pragma once
#include <vector>

#include "engine/container/oci_config.h"

namespace devc::engine {

class Images;
class Volumes;

/// The mounts of a complete specification with their sources: volumes' folders, paths of the host (made if they may be),
/// tmpfs options with docker's defaults, images' layers. Throws Error "bind source path does not exist: x".
std::vector<ResolvedMount> resolveMounts(const ContainerSpec&, const Volumes&, const Images&);
/// Only the checks that create() makes early: binds whose source must exist.
void checkBinds(const ContainerSpec&);

}  // namespace devc::engine

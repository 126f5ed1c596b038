#pragma once
#include "engine/container/records.h"
#include "engine/image/images.h"

namespace devc::engine {

/// Fills in what the specification left to the image and to defaults: exposed ports, ports of publishAllPorts, volumes of
/// the image and of `volumesFrom`, the network, ids for names in "container:<name>" modes. Pure but for look-ups of other
/// containers. Throws Error on what cannot be.
ContainerSpec completeSpec(ContainerSpec, const Image&, const Records&);

}  // namespace devc::engine

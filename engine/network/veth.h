#pragma once
#include "engine/launch/launch.h"
#include "engine/linux/netlink.h"

namespace devc::engine {

/// The pair of interfaces that an endpoint of a container is.
VethSpec vethOf(const EndpointPlan& endpoint);

}  // namespace devc::engine

#pragma once
#include <vector>

#include "engine/container/oci_config.h"

namespace devc::engine {

/// The device nodes that the specification names (a folder: all in it), or all of the host's for a privileged container.
/// Throws Error for one that does not exist.
std::vector<HostDevice> devicesFor(const ContainerSpec&);

/// The limits for single block devices, by number. Throws Error for a path that is no block device.
BlockDeviceValues blockDevicesFor(const Resources&);

}  // namespace devc::engine

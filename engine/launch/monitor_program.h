#pragma once
#include "engine/host.h"
#include "engine/linux/fd.h"

namespace devc::engine {

/// devc-monitor as an executable that nothing in a container can overwrite through /proc/<pid>/exe: its file on a
/// detached read-only mount (CVE-2019-5736).
Fd openMonitorProgram(const Host&);

}  // namespace devc::engine

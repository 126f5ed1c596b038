#pragma once

#include "engine/monitor/runtime_config.h"

namespace devc::engine {

/// Gives up, for good, the capabilities over the machine (modules, clock, raw devices, reboot ...) that neither the making of
/// boxes nor this container needs: the monitor reads what the container writes and asks. A container with hooks keeps them:
/// those are the administrator's programs. no_new_privs and seccomp are not for a monitor: its container would inherit them.
void giveUpMachine(const RuntimeConfig& config);

}  // namespace devc::engine

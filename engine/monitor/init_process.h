#pragma once
#include "engine/linux/fd.h"
#include "engine/monitor/program.h"

namespace devc::engine {

/// `init: true`: the calling process stays process 1, runs the program as its child, forwards signals to it, reaps whatever
/// is left to it, and ends with the child's status. `link` is the way to say that the start failed; the caller's copy is
/// closed before the program runs. Privileges are already shed.
[[noreturn]] void runAsInit(const Program&, Fd link, bool terminal);

}  // namespace devc::engine

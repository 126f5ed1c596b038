#pragma once
#include <string>
#include <vector>

#include "engine/launch/exec_request.h"
#include "engine/linux/fd.h"
#include "engine/linux/process.h"

namespace devc::engine {

struct Entered {
    Child child;
    Fd terminal;  ///< master, if the request asks for one
};

/// Starts a program in a running container. The calling process joins the container's namespaces for good (all but pid):
/// it is to be one that lives for this only. `init` is the pidfd of the container's first process. Throws Error with status
/// 126 or 127 as docker's.
Entered enterContainer(const ExecRequest& request, int init, int in, int out, int err);

/// A healthcheck's program with the container's user and environment; what cannot run is said on `out`. Returns its status.
int runProbe(const std::string& folder, int init, std::vector<std::string> command, int in, int out);

}  // namespace devc::engine

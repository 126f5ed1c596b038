#pragma once
#include <string>

namespace devc::engine {

/// `devc-monitor run FOLDER LETTERS PORTS`: launches the container of the folder and stays with it. Descriptor 3 is the report
/// (see MonitorFiles), then come those of LETTERS ("ioe": stdin, stdout, stderr attached; "-": none), then PORTS reserved ports.
int runVerb(const std::string& folder, const std::string& letters, int ports);

/// `devc-monitor exec`: descriptors 0, 1, 2 are the caller's; on 3, a message socket, it gets the request (see
/// engine/launch/exec_request.h) and answers "R" (the program runs) or "F<status> <sentence>". Ends with the program's status.
int execVerb();

}  // namespace devc::engine

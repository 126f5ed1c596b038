#pragma once
#include <string>
#include <vector>

namespace devc::engine {

/// `devc-monitor run FOLDER LETTERS PORTS`: launches the container of the folder and stays with it. Descriptor 3 is the report
/// (see MonitorFiles), then come those of LETTERS ("ioec": stdin, stdout, stderr attached, control; "-": none), then PORTS reserved ports.
int runVerb(const std::string& folder, const std::string& letters, int ports);

/// `devc-monitor exec`: descriptors 0, 1, 2 are the program's, 3 is a message socket, 4 a file with the request (see
/// engine/launch/exec_request.h). Answers "R" (the program runs), with the master of its terminal if it has one, or
/// "F<status> <sentence>". Passes signals on to the program and ends with its status.
int execVerb();

/// `devc-monitor init PROGRAM ARGUMENTS`: in a container of another runtime, process 1 of `init: true`.
[[noreturn]] void initVerb(std::vector<std::string> arguments);

}  // namespace devc::engine

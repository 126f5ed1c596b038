#pragma once
#include <string>

namespace devc::engine {

/// The program of the OCI runtime that `runtime:` and --runtime name: "runc", "crun", any name of a program in the usual
/// folders of programs, a path, containerd's name of runc. Empty for devc's own ("" and "devc"). Throws Error, with
/// docker's words, if it is not there.
std::string findRuntime(const std::string& name);

}  // namespace devc::engine

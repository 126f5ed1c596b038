#include "engine/container/runtime_program.h"

#include <unistd.h>

#include "engine/error.h"

namespace devc::engine {

std::string findRuntime(const std::string& name) {
    if (name.empty() || name == "devc") return {};
    const std::string program = name == "io.containerd.runc.v2" ? "runc" : name;
    if (program.starts_with('/')) {
        if (::access(program.c_str(), X_OK) == 0) return program;
        throw Error::of("unknown or invalid runtime name: {}: there is no such program", name).hint("give the path of an OCI runtime, or leave it out: devc has its own");
    }
    if (program.find('/') == std::string::npos) {
        for (const char* folder : {"/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"})
            if (::access((folder + program).c_str(), X_OK) == 0) return folder + program;
    }
    throw Error::of("unknown or invalid runtime name: {}: no program of that name is installed", name)
        .hint("install it, give the path of an OCI runtime, or leave it out: devc has its own");
}

}  // namespace devc::engine

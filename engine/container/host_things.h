#pragma once
#include <string>
#include <vector>

namespace devc::engine {

/// A mount whose source was looked up: a folder of a volume, a path of the host, a file system.
struct ResolvedMount {
    std::string type;    ///< "bind", "tmpfs", ...
    std::string source, target;
    std::vector<std::string> options;
};

/// A device node of the host.
struct HostDevice {
    std::string path;  ///< inside
    char type = 'c';
    unsigned major = 0, minor = 0, mode = 0600, uid = 0, gid = 0;
    std::string permissions = "rwm";
};

}  // namespace devc::engine

#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "compose/model/mapping.h"

namespace devc::compose {

/// A top-level config or secret: exactly one of file, environment, content (configs only) unless external.
struct FileObject {
    std::string name;              // the real name, "project_key" by default
    bool external = false;
    std::string file;              // absolute path
    std::string environment;       // name of the variable that holds the content
    std::optional<std::string> environmentValue;  // its value where the project was loaded
    std::optional<std::string> content;           // inline
    StringMap labels;
    std::string driver;
    StringMap driverOptions;
    std::string templateDriver;
};

/// A service's (or build's) use of a config or secret.
struct FileReference {
    std::string source;            // key of Project::configs or Project::secrets
    /// Path inside the container. Secrets: relative to /run/secrets; configs: empty is /<source>.
    std::string target;
    std::string uid;
    std::string gid;
    std::optional<std::uint32_t> mode;  // octal permissions as a number; default 0444
};

}  // namespace devc::compose

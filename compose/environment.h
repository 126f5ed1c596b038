#pragma once
#include <string>
#include <vector>

#include "compose/interpolate.h"
#include "compose/load.h"
#include "compose/source/node.h"

namespace devc::compose {

/// What the command line, the process's environment and the .env files say before any compose file is read.
struct Surroundings {
    StringList files;            // absolute, "-" for standard input; empty if none was found
    std::string workingDir;      // absolute
    StringMap environment;       // the process's, over that of the .env files
    StringList profiles;
    std::string projectName;     // from -p or COMPOSE_PROJECT_NAME; checked; else empty
};

/// Finds the files and reads the environment. Throws LoadError for a bad project name or unreadable environment file.
/// Without any file `files` is empty.
Surroundings lookAround(const LoadRequest& request, Sources& sources);

/// Reads a file, "-" is standard input. Throws LoadError ("open PATH: no such file or directory").
const Source& readSource(const std::string& path, Sources& sources);

/// Reads environment files over each other; what `outer` has wins where values refer to variables. `unset` gets the
/// variables that nothing sets.
StringMap readEnvFiles(const StringList& files, const StringMap& outer, Sources& sources, const Unset& unset);

bool isRegularFile(const std::string& path);
bool isFolder(const std::string& path);

}  // namespace devc::compose

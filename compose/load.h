#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compose/diagnostics.h"
#include "compose/model/project.h"

namespace devc::compose {

class RemoteFiles;

/// What to load and how. The defaults are those of every command but `config`.
struct LoadRequest {
    /// -f, in order; "-" is standard input, and oci://... and git repositories are fetched. Empty: COMPOSE_FILE, else compose.yaml & co. in `currentDir` or above,
    /// with its override file.
    StringList files;
    /// -p; empty: COMPOSE_PROJECT_NAME, the file's `name:`, else the project directory's name.
    std::string projectName;
    /// --project-directory; empty: the folder of the first file.
    std::string projectDirectory;
    /// --env-file; empty: COMPOSE_ENV_FILES, else .env in the project directory if it exists.
    StringList envFiles;
    /// --profile; COMPOSE_PROFILES is added when it is empty. "*" enables all.
    StringList profiles;
    /// Fetches compose files from git repositories and registries. None: they are refused.
    std::shared_ptr<RemoteFiles> remote;
    /// The process's environment.
    StringMap environment;
    /// Absolute; the process's current directory.
    std::string currentDir;

    /// --all-resources: what no service uses stays in the project.
    bool allResources = false;
    bool interpolate = true;
    /// Without interpolation: whether values are read all the same, although variables stand in them. Otherwise the
    /// project has no more than its document.
    bool typed = false;
    bool normalize = true;
    bool resolvePaths = true;
    bool checkConsistency = true;
    bool resolveEnvironment = true;  // env_file and unset values of environment from the shell

    /// Gets every warning (without file positions: Docker Compose's wording), in order. May be empty.
    std::function<void(const std::string&)> warn;
};

/// Text to Project: read, interpolate, extend, include, merge, validate, normalise.
/// Throws LoadError with all independent problems. Bounded in time and memory for hostile input.
Project load(const LoadRequest& request);

/// As load(), and then keeps only the named services and what they depend on (all if `services` is empty; a named
/// service is enabled whatever its profiles). Throws LoadError "no such service: NAME".
Project loadSelected(const LoadRequest& request, const StringList& services);

/// The environment in which the project's files are interpolated (request.environment over its .env files), with
/// COMPOSE_PROJECT_NAME when it is known. What `config --environment` prints.
StringMap environmentOf(const LoadRequest& request);

/// The project's name alone, without loading all of it: flag, environment, `name:`, folder. For `down`, `ps`, `ls`
/// when a project is named by -p and no file exists, this never fails for want of a file if `projectName` is set.
std::string projectNameOf(const LoadRequest& request);

/// A variable that the files mention, for `config --variables`.
struct Variable {
    std::string name;
    bool required = false;
    std::string defaultValue;
    std::string alternateValue;
};
std::vector<Variable> variablesOf(const LoadRequest& request);

/// The fixed form of a name: lower case, only [a-z0-9_-], starts with a letter or digit. May be empty.
std::string normalizeProjectName(std::string_view name);

}  // namespace devc::compose

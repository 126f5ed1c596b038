#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace devc::engine {
class Engine;
}
namespace devc::compose {
struct Project;
struct LoadRequest;
class RemoteFiles;
}

namespace devc::app {

/// What stands before the command: `devc -f a.yaml -p shop up`.
struct GlobalOptions {
    std::vector<std::string> files;  ///< -f; empty: COMPOSE_FILE, then the file of the folder
    std::string projectName;         ///< -p; empty: COMPOSE_PROJECT_NAME, `name:` of the file, the folder
    std::vector<std::string> profiles;
    std::string projectDirectory;
    std::vector<std::string> envFiles;
    int parallel = 0;  ///< 0 or less: as wide as the plan allows
    std::string progress = "auto";  ///< auto, tty, plain, json, quiet
    std::string ansi = "auto";      ///< never, always, auto
    std::string stateDir, runDir;
    bool dryRun = false, allResources = false, compatibility = false, debug = false;
};

/// What a command works with. Engine and project are made when they are first asked for, so that a command pays only
/// for what it uses.
class Context {
public:
    Context();
    ~Context();
    Context(const Context&) = delete;

    GlobalOptions options;
    int status = 0;                   ///< exit status of the program; set by the command
    std::vector<std::string> arguments;  ///< the whole command line without the program's name

    engine::Engine& engine();
    /// The project of the compose files, loaded with the profiles, env files and names of `options`. Throws what is
    /// wrong with them, at file:line:column.
    const compose::Project& project();
    /// The same with these services enabled, whatever their profiles are.
    const compose::Project& project(const std::vector<std::string>& services);
    /// The project for commands on what exists already: without the services' env files, which may be gone. nullptr where
    /// there is no compose file but a name. With services named, it has them and what they depend on alone.
    const compose::Project* projectIfAny(const std::vector<std::string>& services = {});
    /// What project() loads: files, names, profiles and environment of this command line.
    compose::LoadRequest loadRequest();
    /// The project's name without reading more than needed: -p, COMPOSE_PROJECT_NAME, else that of the project.
    std::string projectName();

private:
    std::unique_ptr<engine::Engine> engine_;
    std::shared_ptr<compose::RemoteFiles> remote_;  ///< so that what is remote is asked for once
    std::unique_ptr<const compose::Project> project_;
    std::unique_ptr<const compose::Project> outline_;  ///< of projectIfAny()
};

}  // namespace devc::app

#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/context.h"

namespace devc::app {

/// What a command works on: projects of compose files, or single containers, images, networks, volumes and devc itself.
enum class Scope { Project, Engine };

/// A command of the first level: `devc NAME`. Only the one that was asked for is built, so start-up does not grow
/// with their number. A noun group (`container`, `image`, ...) is one command whose subcommands its function adds.
struct Command {
    std::string_view name;
    std::string_view help;
    /// Adds the command to `parent` with its flags, and a callback that does the work and sets `context.status`.
    void (*add)(CLI::App& parent, Context& context);
    Scope scope = Scope::Project;
    bool hidden = false;
};

/// All commands, in the order of `devc --help`. A new command is one file with its function and one row here.
const std::vector<Command>& commands();

/// `-e A -e B`: each occurrence takes one value; an option that is no list takes the last one given, as docker does.
CLI::Option* addList(CLI::App& command, const std::string& names, std::vector<std::string>& values, const std::string& help);

/// Flags end at the first positional argument: what follows it belongs to the program (`exec`, `run`).
void endFlagsAtFirstArgument(CLI::App& command);

void addAttach(CLI::App&, Context&);
void addBridge(CLI::App&, Context&);     // app/commands/unsupported.cpp
void addBuild(CLI::App&, Context&);      // app/commands/build.cpp
void addBuilder(CLI::App&, Context&);    // app/commands/builder.cpp
void addCommit(CLI::App&, Context&);
void addCompletion(CLI::App&, Context&);  // app/commands/completion.cpp
void addComplete(CLI::App&, Context&);    // `__complete`, which the completion scripts call
void addConfig(CLI::App&, Context&);     // app/commands/config.cpp
void addContainer(CLI::App&, Context&);  // app/commands/container.cpp
void addCopy(CLI::App&, Context&);
void addCreate(CLI::App&, Context&);
void addDoctor(CLI::App&, Context&);
void addDown(CLI::App&, Context&);
void addEvents(CLI::App&, Context&);
void addExec(CLI::App&, Context&);
void addExport(CLI::App&, Context&);
void addGraph(CLI::App&, Context&);
void addImage(CLI::App&, Context&);      // app/commands/image.cpp
void addImageBuild(CLI::App& command, Context&);  // `image build`: flags and callback only; app/commands/build.cpp
void addImages(CLI::App&, Context&);
void addKill(CLI::App&, Context&);
void addLogin(CLI::App&, Context&);      // app/commands/login.cpp
void addLogout(CLI::App&, Context&);
void addLogs(CLI::App&, Context&);
void addLs(CLI::App&, Context&);
void addManual(CLI::App&, Context&);    // `__manual`, which the build calls
void addNetwork(CLI::App&, Context&);    // app/commands/network.cpp
void addPause(CLI::App&, Context&);
void addPlan(CLI::App&, Context&);
void addPort(CLI::App&, Context&);
void addPs(CLI::App&, Context&);
void addPublish(CLI::App&, Context&);    // app/commands/publish.cpp
void addPull(CLI::App&, Context&);
void addPush(CLI::App&, Context&);
void addRestart(CLI::App&, Context&);
void addRm(CLI::App&, Context&);
void addRun(CLI::App&, Context&);
void addScale(CLI::App&, Context&);
void addStart(CLI::App&, Context&);
void addStats(CLI::App&, Context&);
void addStop(CLI::App&, Context&);
void addSystem(CLI::App&, Context&);     // app/commands/system.cpp
void addTop(CLI::App&, Context&);
void addUnpause(CLI::App&, Context&);
void addUp(CLI::App&, Context&);
void addVersion(CLI::App&, Context&);
void addVolume(CLI::App&, Context&);     // app/commands/volume.cpp
void addVolumes(CLI::App&, Context&);
void addWait(CLI::App&, Context&);
void addWatch(CLI::App&, Context&);

}  // namespace devc::app

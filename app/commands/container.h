#pragma once
#include <functional>
#include <string>
#include <vector>

#include "app/commands/commands.h"

namespace devc::engine {
class Attachment;
struct Container;
struct CopyOptions;
}

namespace devc::app {

// The subcommands of `devc container`, a file for those that belong together.
void addContainerRun(CLI::App&, Context&);  // container_run.cpp
void addContainerCreate(CLI::App&, Context&);
void addContainerStart(CLI::App&, Context&);  // container_life.cpp
void addContainerStop(CLI::App&, Context&);
void addContainerRestart(CLI::App&, Context&);
void addContainerKill(CLI::App&, Context&);
void addContainerPause(CLI::App&, Context&);
void addContainerUnpause(CLI::App&, Context&);
void addContainerRemove(CLI::App&, Context&);
void addContainerRename(CLI::App&, Context&);
void addContainerUpdate(CLI::App&, Context&);
void addContainerWait(CLI::App&, Context&);
void addContainerPrune(CLI::App&, Context&);
void addContainerList(CLI::App&, Context&);     // container_list.cpp
void addContainerInspect(CLI::App&, Context&);  // container_look.cpp
void addContainerLogs(CLI::App&, Context&);
void addContainerPort(CLI::App&, Context&);
void addContainerTop(CLI::App&, Context&);
void addContainerStats(CLI::App&, Context&);  // container_stats.cpp
void addContainerExec(CLI::App&, Context&);   // container_exec.cpp
void addContainerAttach(CLI::App&, Context&);
void addContainerCopy(CLI::App&, Context&);  // container_files.cpp
void addContainerDiff(CLI::App&, Context&);
void addContainerExport(CLI::App&, Context&);
void addContainerCommit(CLI::App&, Context&);

// What the project's commands do too, with a container of a service.

/// What a start could not do, on stderr.
void warn(const std::vector<std::string>& sentences);

/// Starts it. One that could not start and was to be removed at its end (`--rm`) is removed; others stay for a look at what
/// went wrong, as docker's. Throws what start() throws.
void startOrRemove(Context&, const engine::Container&, const engine::Attachment*);
/// cp: `-` is a tar on standard input or output. `in`: the destination is in the container.
void copyFiles(Context&, const std::string& container, const std::string& source, const std::string& destination, bool in, const engine::CopyOptions&);
/// export: a tar into `output`, or to standard output if that is empty.
void exportContainer(Context&, const std::string& container, const std::string& output);
/// port: where a port ("80", "53/udp") is found on the host; where each is, if `wanted` is empty.
void printPorts(const engine::Container&, const std::string& wanted);
/// The containers' use, table or `format`, once more each second until they have ended or the command is interrupted; only
/// once without `stream`. `select` says which, anew each time.
void showStats(Context&, const std::function<std::vector<engine::Container>()>& select, const std::string& format, bool stream, bool whole);
/// Processes of a container as lines of a table.
std::string processText(Context&, const std::string& container, const std::vector<std::string>& psOptions);

}  // namespace devc::app

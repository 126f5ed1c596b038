#pragma once
#include "app/commands/commands.h"

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

}  // namespace devc::app

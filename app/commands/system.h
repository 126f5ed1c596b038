#pragma once
#include "app/commands/commands.h"

namespace devc::app {

// The subcommands of `devc system`, a file for those that belong together.
void addSystemReap(CLI::App&, Context&);  // system.cpp
void addSystemEvents(CLI::App&, Context&);
void addSystemInfo(CLI::App&, Context&);
void addSystemBoot(CLI::App&, Context&);  // system_boot.cpp
void addSystemCheck(CLI::App&, Context&);  // system_check.cpp
void addSystemDf(CLI::App&, Context&);  // system_disk.cpp
void addSystemPrune(CLI::App&, Context&);

}  // namespace devc::app

#pragma once
#include <string>
#include <vector>

#include "app/ui/progress.h"
#include "compose/model/project.h"

namespace devc::app {

/// Services that a program provides instead of a container (`provider`): Compose's protocol for them. The program is
/// `docker-<type>` among Docker's CLI plugins, else `<type>` in PATH, called as
///   <program> compose --project-name=<project> up|down --<option>=<value>... <service>
/// It writes JSON objects to stdout, {"type": "info" | "error" | "debug" | "setenv", "message": "..."}.

bool hasProvided(const compose::Project& project);

/// Has the providers of the enabled services bring up what they provide, in order of their names. What they set
/// ("URL=..." of a service `database`) is a variable of each service that depends on them (`DATABASE_URL`), and part of its
/// configuration's digest. Throws Error for a program that is missing, fails or says what is none of the protocol.
void bringUpProvided(compose::Project& project, Progress& progress);

/// The same for the end of the project; goes on after a failure and throws the first.
void takeDownProvided(const compose::Project& project, Progress& progress);

}  // namespace devc::app

#pragma once
#include <functional>
#include <string>

#include <sys/types.h>

#include "engine/host.h"
#include "engine/linux/fd.h"

namespace devc::engine {

// What a container's monitor has hold of: unlike a process id it is never another's. An empty Fd if the container is not up.

/// Its network namespace, between two starts too. An empty Fd also if it has none of its own.
Fd networkNamespaceOf(const Host&, const std::string& id);

/// The pidfd of its first process. An empty Fd between two starts too.
Fd firstProcessOf(const Host&, const std::string& id);
/// The namespace "network" (see above) or "pid" of another container that this one is to join. Throws Conflict if it is not up.
Fd joinedNamespace(const Host&, const std::string& id, const std::string& kind);
/// Runs `work` with the id of a process, which must not have ended before it is done: then the id was no other's. Throws Error
/// if it has.
void withId(int pidfd, const std::function<void(pid_t)>& work);

}  // namespace devc::engine

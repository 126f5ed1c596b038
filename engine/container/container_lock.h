#pragma once
#include <string>

#include "engine/host.h"
#include "engine/linux/fd.h"

namespace devc::engine {

/// Held while a container is started or removed, so that two commands do not do it at once: a lock of its folder.
/// Whoever takes several takes them in the order of ids, so that two commands do not wait for each other.
class ContainerLock {
public:
    /// Waits for its turn. Throws NotFound if the container has been removed meanwhile.
    ContainerLock(const Host&, const std::string& id);

    /// To lend to a process that goes on with what was begun: the lock lasts as long as either has it.
    int descriptor() const { return folder_.get(); }

private:
    Fd folder_;
};

}  // namespace devc::engine

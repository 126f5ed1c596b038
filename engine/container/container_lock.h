#pragma once
#include <string>

#include "engine/host.h"
#include "engine/linux/fd.h"

namespace devc::engine {

/// Held while a container is started or removed, so that two commands do not do it at once: a lock of its folder.
class ContainerLock {
public:
    /// Waits for its turn. Throws NotFound if the container has been removed meanwhile.
    ContainerLock(const Host&, const std::string& id);

private:
    Fd folder_;
};

}  // namespace devc::engine

#pragma once
#include <optional>

#include "engine/container/container_lock.h"
#include "engine/container/preparation.h"
#include "engine/linux/fd.h"

namespace devc::engine {

/// The files of a container as it sees them, for `cp`: of a running one in its own mount namespace; of a stopped one the
/// overlay and its volumes and binds, mounted for as long as the object lives in a namespace that nobody else sees.
/// Paths are resolved with openInRoot(): nothing that the container does leads out of it.
class ContainerRoot {
public:
    /// Throws Error if it is neither running nor stopped (restarting), or a mount fails.
    static ContainerRoot open(const Surroundings&, const Record&);
    /// Without what is mounted in it, read-only: for `export`.
    static ContainerRoot openBare(const Surroundings&, const Record&);

    /// O_PATH descriptor of the root folder.
    int folder() const { return root_.get(); }

private:
    std::optional<ContainerLock> lock_;  ///< a stopped one is not started meanwhile: two overlays must not share an upper
    Fd namespace_;                       ///< keeps the mounts of a stopped container together
    Fd root_;
};

}  // namespace devc::engine

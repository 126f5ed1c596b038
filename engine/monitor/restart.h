#pragma once
#include <optional>

#include "engine/linux/process.h"
#include "engine/spec.h"

namespace devc::engine {

/// Decides whether a container that ended starts again, and when, as docker does: after 100 ms at first, twice as long each
/// time up to a minute; a run of ten seconds or more sets it back.
class RestartManager {
public:
    explicit RestartManager(RestartPolicy policy) : policy_(policy) {}

    /// The wait before the next start, or nothing: it stays ended. `restarts` is how often it was started again so far.
    std::optional<Nanoseconds> next(const ExitStatus& status, Nanoseconds ran, int restarts);

private:
    bool wants(const ExitStatus& status, int restarts) const;

    RestartPolicy policy_;
    Nanoseconds wait_{0};
};

}  // namespace devc::engine

#include "engine/monitor/restart.h"

#include <algorithm>

namespace devc::engine {

namespace {

constexpr Nanoseconds firstWait = std::chrono::milliseconds(100), longestWait = std::chrono::minutes(1);
constexpr Nanoseconds stableAfter = std::chrono::seconds(10);

}  // namespace

std::optional<Nanoseconds> RestartManager::next(const ExitStatus& status, Nanoseconds ran, int restarts) {
    if (!wants(status, restarts)) return {};
    bool first = wait_ == Nanoseconds(0) || ran >= stableAfter;
    wait_ = first ? firstWait : std::min(wait_ * 2, longestWait);
    return wait_;
}

bool RestartManager::wants(const ExitStatus& status, int restarts) const {
    switch (policy_.condition) {
        case RestartCondition::No: return false;
        case RestartCondition::Always:
        case RestartCondition::UnlessStopped: return true;
        case RestartCondition::OnFailure:
            return status.number() != 0 && (policy_.maximumRetries == 0 || restarts < policy_.maximumRetries);
    }
    return false;
}

}  // namespace devc::engine

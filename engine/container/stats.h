#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include <sys/types.h>

#include "engine/linux/cgroup.h"

namespace devc::engine {

/// What a container has used up to one instant.
struct UsageSample {
    std::chrono::steady_clock::time_point time;
    CgroupUsage cgroup;
    std::uint64_t received = 0, sent = 0;  ///< bytes over its interfaces, the loopback left out
};

/// Of the container with that id, whose first process is `init`; without one (0) all is zero. A container that ends meanwhile
/// counts as ended.
UsageSample sampleUsage(const std::string& id, pid_t init);

/// Processor time between two samples in percent of one processor: 200 is two of them all the time.
double processorPercent(const UsageSample& before, const UsageSample& after);

}  // namespace devc::engine

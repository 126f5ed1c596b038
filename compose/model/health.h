#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "compose/model/duration.h"
#include "compose/model/mapping.h"

namespace devc::compose {

/// services.healthcheck. What is absent comes from the image or docker's defaults (30s, 30s, 0s, 5s, 3).
struct HealthCheck {
    /// First element: CMD, CMD-SHELL or NONE; empty: the image's test.
    StringList test;
    bool disable = false;
    std::optional<Duration> interval;
    std::optional<Duration> timeout;
    std::optional<Duration> startPeriod;
    std::optional<Duration> startInterval;
    std::optional<std::uint64_t> retries;

    bool disabled() const { return disable || (!test.empty() && test.front() == "NONE"); }
};

enum class Condition { Started, Healthy, CompletedSuccessfully };

/// services.depends_on.<service>
struct Dependency {
    Condition condition = Condition::Started;
    /// Restart the dependent when devc restarts or recreates the dependency.
    bool restart = false;
    /// Without it a dependency that is missing or not enabled is only warned about.
    bool required = true;
};

}  // namespace devc::compose

#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compose/model/duration.h"
#include "compose/model/mapping.h"

namespace devc::compose {

/// A device that is asked for by what it can do (gpus, deploy.resources.reservations.devices).
struct DeviceRequest {
    StringList capabilities;
    std::string driver;
    std::int64_t count = 0;       // -1 is all
    StringList deviceIds;
    StringMap options;
};

struct ResourceLimits {
    std::optional<double> cpus;
    std::optional<std::int64_t> memory;  // bytes
    std::optional<std::int64_t> pids;
    std::vector<DeviceRequest> devices;
    bool generic = false;                // some are asked for that only a cluster counts
};

/// deploy.restart_policy: condition is none, on-failure, any or empty.
struct DeployRestartPolicy {
    std::string condition;
    std::optional<Duration> delay;
    std::optional<std::uint64_t> maxAttempts;
    std::optional<Duration> window;
};

/// deploy.update_config, deploy.rollback_config.
struct UpdatePolicy {
    std::optional<std::uint64_t> parallelism;
    std::optional<Duration> delay;
    std::string failureAction;
    std::optional<Duration> monitor;
    double maxFailureRatio = 0;
    std::string order;
};

/// services.deploy: what of it applies to one machine, and the rest as it was given.
struct Deploy {
    std::string mode;
    std::optional<int> replicas;
    StringMap labels;             // of the service, not of its containers
    std::string endpointMode;
    ResourceLimits limits;
    ResourceLimits reservations;
    std::optional<DeployRestartPolicy> restartPolicy;
    std::optional<UpdatePolicy> updateConfig;
    std::optional<UpdatePolicy> rollbackConfig;
    bool placement = false;       // something is said of it
};

}  // namespace devc::compose

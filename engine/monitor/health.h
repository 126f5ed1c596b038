#pragma once
#include <functional>
#include <string>

#include "engine/launch/launch.h"
#include "engine/linux/event_loop.h"
#include "engine/linux/process.h"

namespace devc::engine {

/// What a probe that ended `running` after the container's start changes in its health: one good one makes it healthy,
/// `retries` bad ones in a row unhealthy; bad ones in the start period do not count. The last five are kept.
void recordProbe(ContainerState& state, const HealthProbe& probe, const HealthCheck& check, Nanoseconds running);

/// Runs a container's healthcheck at its times, one probe at a time: every interval after the last one's end, every start
/// interval while the container is in its start period and not yet healthy.
class HealthMonitor {
public:
    using Report = std::function<void(const HealthProbe&)>;
    HealthMonitor(EventLoop&, const MonitorPlan&, std::string folder, int init, Report);
    ~HealthMonitor();
    /// No probes while the container is paused.
    void pause(bool paused);

private:
    void schedule();
    void probe();
    void readOutput();
    void ended();

    EventLoop& loop_;
    const MonitorPlan& plan_;
    std::string folder_;
    int init_;  ///< pidfd
    Report report_;
    Timer next_, timeout_;
    Child child_;
    Fd output_;
    bool paused_ = false, timedOut_ = false, wasHealthy_ = false;
    std::int64_t begin_;
    HealthProbe current_;
};

}  // namespace devc::engine

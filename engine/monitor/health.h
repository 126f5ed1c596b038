#pragma once
#include <functional>
#include <string>

#include "engine/launch/launch.h"
#include "engine/linux/event_loop.h"
#include "engine/linux/process.h"

namespace devc::engine {

/// Runs a container's healthcheck at its times, one probe at a time: every interval after the last one's end, every start
/// interval while the container is in its start period and not yet healthy.
class HealthMonitor {
public:
    using Report = std::function<void(const HealthProbe&)>;
    HealthMonitor(EventLoop&, const MonitorPlan&, std::string folder, pid_t init, Report);
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
    pid_t init_;
    Report report_;
    Timer next_, timeout_;
    Child child_;
    Fd output_;
    bool paused_ = false, timedOut_ = false, wasHealthy_ = false;
    std::int64_t begin_;
    HealthProbe current_;
};

}  // namespace devc::engine

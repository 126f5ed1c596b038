#pragma once
#include <memory>
#include <optional>
#include <string>

#include "engine/launch/launch.h"
#include "engine/monitor/log_writer.h"
#include "engine/monitor/remote_log.h"

namespace devc::engine {

/// What becomes of a container's output after its logging driver: the file that `logs` reads, a receiver, both or nothing.
class ContainerLog {
public:
    /// Throws Error "failed to initialize logging driver: ...".
    ContainerLog(EventLoop& loop, const MonitorPlan& plan, const std::string& path);

    /// Output of the container as it came, 0: stdout, 1: stderr. `moment`: nanoseconds since the epoch.
    void write(int stream, std::string_view data, std::int64_t moment);
    /// The stream has ended: what is left of a line without end is written too.
    void finish(int stream, std::int64_t moment);
    /// Nothing more should be read from the container until `onRoom` is called.
    bool isFull() const { return remote_ && remote_->isFull(); }
    void onRoom(std::function<void()> call);

    /// The last output was written. What is on its way to a receiver takes its time, at most some seconds: `onSettled` is
    /// called then.
    void close();
    bool isSettled() const { return !remote_ || remote_->isSettled(); }
    void onSettled(std::function<void()> call);

private:
    std::optional<LogWriter> file_;
    std::unique_ptr<RemoteLog> remote_;
};

}  // namespace devc::engine

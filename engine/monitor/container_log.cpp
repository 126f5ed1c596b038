#include "engine/monitor/container_log.h"

#include <unistd.h>

#include "engine/error.h"
#include "engine/log/journald.h"
#include "engine/log/settings.h"

namespace devc::engine {

namespace {

std::unique_ptr<LogEncoder> encoderOf(const LogSettings& settings, const LogSource& source) {
    switch (settings.driver) {
        case LogDriver::Syslog: return syslogEncoder(settings.syslog, source, ::getpid());
        case LogDriver::Gelf: return gelfEncoder(settings.gelf, source);
        case LogDriver::Fluentd: return fluentdEncoder(settings.fluentd, source);
        default: return journaldEncoder(source);
    }
}

}  // namespace

ContainerLog::ContainerLog(EventLoop& loop, const MonitorPlan& plan, const std::string& path) {
    try {
        LogSettings settings = parseLogOptions(plan.logDriver, plan.logOptions);
        if (settings.delivery) remote_ = std::make_unique<RemoteLog>(loop, *settings.delivery, encoderOf(settings, plan.logSource));
        if (settings.file) file_.emplace(*settings.file, plan.logSource.attributes, path);
    } catch (Error& error) {
        throw error.during("failed to initialize logging driver").status(125);
    }
}

void ContainerLog::write(int stream, std::string_view data, std::int64_t moment) {
    if (file_) file_->write(stream, data, moment);
    if (remote_) remote_->write(stream, data, moment);
}

void ContainerLog::finish(int stream, std::int64_t moment) {
    if (file_) file_->finish(stream, moment);
    if (remote_) remote_->finish(stream, moment);
}

void ContainerLog::onRoom(std::function<void()> call) {
    if (remote_) remote_->onRoom = std::move(call);
}

void ContainerLog::close() {
    if (remote_) remote_->close();
}

void ContainerLog::onSettled(std::function<void()> call) {
    if (remote_) remote_->onSettled = std::move(call);
}

}  // namespace devc::engine

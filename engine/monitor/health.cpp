#include "engine/monitor/health.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/monitor/enter.h"
#include "engine/timestamp.h"

namespace devc::engine {

namespace {

constexpr size_t maximumOutput = 4096, probesKept = 5;

std::vector<std::string> commandOf(const HealthCheck& check) {
    std::vector<std::string> rest(check.test.begin() + 1, check.test.end());
    if (check.test.front() != "CMD-SHELL") return rest;
    std::vector<std::string> command = {"/bin/sh", "-c"};
    command.insert(command.end(), rest.begin(), rest.end());
    return command;
}

}  // namespace

void recordProbe(ContainerState& state, const HealthProbe& probe, const HealthCheck& check, Nanoseconds running) {
    state.healthLog.push_back(probe);
    if (state.healthLog.size() > probesKept) state.healthLog.erase(state.healthLog.begin());
    bool starting = state.health == HealthStatus::Starting && running < check.startPeriod;
    if (probe.exitCode == 0) {
        state.failingStreak = 0;
        state.health = HealthStatus::Healthy;
    } else if (!starting && ++state.failingStreak >= check.retries) {
        state.health = HealthStatus::Unhealthy;
    }
}

HealthMonitor::HealthMonitor(EventLoop& loop, const MonitorPlan& plan, std::string folder, int init, Report report)
    : loop_(loop), plan_(plan), folder_(std::move(folder)), init_(init), report_(std::move(report)), next_(loop, [this] { probe(); }),
      timeout_(loop, [this] {
          timedOut_ = true;
          if (child_.pid) ::kill(-child_.pid, SIGKILL);
          if (child_.pid) signalPidfd(child_.pidfd.get(), SIGKILL);
      }),
      begin_(momentNow()) {
    schedule();
}

HealthMonitor::~HealthMonitor() {
    if (output_) loop_.remove(output_.get());
    if (!child_.pid) return;
    loop_.remove(child_.pidfd.get());
    ::kill(-child_.pid, SIGKILL);
    signalPidfd(child_.pidfd.get(), SIGKILL);
    waitFor(child_.pid);
}

void HealthMonitor::pause(bool paused) {
    paused_ = paused;
    if (paused) next_.clear();
    else if (!child_.pid) schedule();
}

void HealthMonitor::schedule() {
    bool starting = !wasHealthy_ && Nanoseconds(momentNow() - begin_) < plan_.health.startPeriod;
    next_.set(starting && plan_.health.startInterval.count() > 0 ? plan_.health.startInterval : plan_.health.interval);
}

void HealthMonitor::probe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return schedule();
    output_ = Fd(ends[0]);
    Fd write(ends[1]);
    // The program inside expects an ordinary pipe.
    ::fcntl(write.get(), F_SETFL, O_WRONLY);
    current_ = {timestampNow(), {}, 0, {}};
    timedOut_ = false;
    try {
        child_ = cloneProcess(0);
    } catch (const SystemError&) {
        output_.reset();
        return schedule();
    }
    if (child_.pid == 0) {
        ::setpgid(0, 0);
        Fd null = openFile("/dev/null", O_RDONLY);
        ::_exit(runProbe(folder_, init_, commandOf(plan_.health), null.get(), write.get()));
    }
    ::setpgid(child_.pid, child_.pid);
    loop_.add(output_.get(), EPOLLIN, [this](std::uint32_t) { readOutput(); });
    loop_.add(child_.pidfd.get(), EPOLLIN, [this](std::uint32_t) { ended(); });
    timeout_.set(plan_.health.timeout);
}

void HealthMonitor::readOutput() {
    // One at a time: a program that writes faster than this reads must not keep the monitor from all else.
    char chunk[65536];
    const ssize_t got = ::read(output_.get(), chunk, sizeof chunk);
    if (got > 0 && current_.output.size() < maximumOutput)
        current_.output.append(chunk, std::min(static_cast<size_t>(got), maximumOutput - current_.output.size()));
    if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) return;
    loop_.remove(output_.get());
    output_.reset();
}

void HealthMonitor::ended() {
    loop_.remove(child_.pidfd.get());
    ExitStatus status = waitFor(child_.pid);
    child_ = {};
    timeout_.clear();
    if (output_) readOutput();
    if (output_) {
        loop_.remove(output_.get());
        output_.reset();
    }
    current_.exitCode = timedOut_ ? -1 : status.number();
    if (timedOut_) current_.output = fmt::format("Health check exceeded timeout ({}s)", static_cast<double>(plan_.health.timeout.count()) / 1e9);
    current_.end = timestampNow();
    wasHealthy_ = wasHealthy_ || current_.exitCode == 0;
    if (!paused_) schedule();
    report_(current_);
}

}  // namespace devc::engine

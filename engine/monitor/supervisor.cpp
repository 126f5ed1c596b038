#include "engine/monitor/supervisor.h"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/launch/failure.h"
#include "engine/linux/memory.h"
#include "engine/linux/pipe.h"
#include "engine/timestamp.h"

namespace devc::engine {

namespace {

constexpr std::string_view never = "0001-01-01T00:00:00Z";

Fd copyOf(const Fd& descriptor) { return Fd(::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, 3)); }

std::vector<std::string> words(const std::string& text) {
    std::vector<std::string> parts;
    for (size_t begin = 0; begin < text.size();) {
        size_t end = std::min(text.find(' ', begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

std::int64_t number(const std::vector<std::string>& parts, size_t at) {
    return at < parts.size() ? std::strtoll(parts[at].c_str(), nullptr, 10) : 0;
}

}  // namespace

Supervisor::Supervisor(MonitorPlan plan, std::string folder, MonitorFiles files)
    : plan_(std::move(plan)), folder_(std::move(folder)), runFolder_(plan_.runDir + "/containers/" + plan_.id), files_(std::move(files)),
      host_{plan_.stateDir, plan_.runDir, {}}, events_(host_), restart_(plan_.restart), log_(loop_, plan_, folder_ + "/log"),
      out_(loop_, log_, 0), err_(loop_, log_, 1), in_(loop_, plan_.stdinOnce), restartTimer_(loop_, [this] { start(); }),
      killTimer_(loop_, [this] { kill(SIGKILL); }) {
    state_.startedAt = state_.finishedAt = never;
    state_.monitorPid = ::getpid();
    state_.monitorStart = startTimeOf(::getpid());
    if (files_.out) out_.attach(std::move(files_.out));
    if (files_.err) err_.attach(std::move(files_.err));
    out_.onFlushed = err_.onFlushed = [this] { conclude(); };
    log_.onRoom([this] {
        out_.resume();
        err_.resume();
    });
    log_.onSettled([this] { conclude(); });
    ::mkdir((plan_.runDir + "/containers").c_str(), 0700);
    ::mkdir(runFolder_.c_str(), 0700);
    listener_ = listenIn(runFolder_, "control");
    loop_.add(listener_.get(), EPOLLIN, [this](std::uint32_t) { accept(); });
    if (!files_.control) return;
    int control = files_.control.get();
    ::fcntl(control, F_SETFL, O_NONBLOCK);
    addClient(std::move(files_.control), true);
    clients_.back().isCaller = true;
    // The size of the terminal is known before the program looks at it.
    if (plan_.tty && waitReadable(control, 0)) serve(control);
}

void Supervisor::run() {
    if (!startFirst()) return;
    releaseUnusedMemory();
    loop_.run();
}

bool Supervisor::startFirst() {
    // Before anything is made: if this is killed, whoever comes next sees that there may be something to clear away.
    writeState();
    try {
        start();
    } catch (const Error& error) {
        releaseHoldings(plan_, holdings_);
        state_.status = Status::Exited;
        state_.monitorPid = 0;
        state_.exitCode = error.exitStatus() == 1 ? 125 : error.exitStatus();
        state_.error = error.what();
        state_.finishedAt = timestampNow();
        writeFileAtomically(folder_ + "/exit", encode(state_));
        writeState();
        report(encodeFailure(error));
        return false;
    }
    files_.lock.reset();
    state_.warnings = std::move(holdings_.warnings);
    report("S" + encode(state_));
    files_.report.reset();
    return true;
}

void Supervisor::report(const std::string& message) {
    try {
        send(files_.report.get(), message);
    } catch (const SystemError&) {
        // The command that asked for the start was killed: the container runs all the same, and the next command finds it.
    }
}

void Supervisor::start() {
    StartStdio stdio;
    Fd input, output, errors;
    if (!plan_.tty) {
        std::tie(output, stdio.out) = makePipe();
        std::tie(errors, stdio.err) = makePipe();
        ::fcntl(output.get(), F_SETPIPE_SZ, 1 << 18);
        if (plan_.openStdin && plan_.stdinOnce && files_.in) stdio.in = std::move(files_.in);
        else if (plan_.openStdin) std::tie(stdio.in, input) = makePipe();
        else stdio.in = openFile("/dev/null", O_RDONLY);
    }
    stdio.size = terminalSize_;
    bool again = state_.status == Status::Restarting;
    try {
        started_ = startContainer(plan_, folder_, std::move(stdio), holdings_);
    } catch (const Error& error) {
        if (!again) throw;
        state_.error = error.what();
        state_.exitCode = error.exitStatus();
        return finish();
    }
    if (holdings_.resolver.datagram) resolver_ = std::make_unique<Resolver>(loop_, plan_, std::move(holdings_.resolver));
    if (plan_.tty) {
        out_.setSource(copyOf(started_.terminal));
        if (plan_.openStdin) in_.setTarget(copyOf(started_.terminal));
    } else {
        out_.setSource(std::move(output));
        err_.setSource(std::move(errors));
        if (input) in_.setTarget(std::move(input));
    }
    if (files_.in) in_.attach(std::move(files_.in));
    running_ = true;
    oomKillsBefore_ = holdings_.cgroup->oomKills();
    startedMoment_ = momentNow();
    state_.startedAt = formatMoment(startedMoment_);
    state_.status = Status::Running;
    state_.pid = started_.init.pid;
    state_.error.clear();
    state_.oomKilled = false;
    state_.exitCode = 0;
    loop_.add(started_.init.pidfd.get(), EPOLLIN, [this](std::uint32_t) { ended(); });
    bool hasHealth = !plan_.health.test.empty() && plan_.health.test.front() != "NONE";
    if (hasHealth) {
        state_.health = HealthStatus::Starting;
        state_.failingStreak = 0;
        health_ = std::make_unique<HealthMonitor>(loop_, plan_, folder_, started_.init.pidfd.get(), [this](const HealthProbe& p) { probed(p); });
    }
    writeState();
    emit("start");
}

void Supervisor::ended() {
    loop_.remove(started_.init.pidfd.get());
    ExitStatus status = waitFor(started_.init.pid);
    running_ = false;
    health_.reset();
    killTimer_.clear();
    // Where the pid namespace is another's, processes outlive the first one.
    holdings_.cgroup->killAll();
    out_.drain();
    err_.drain();
    in_.closeTarget();
    runAfterEnd(plan_, folder_, started_, holdings_);
    started_ = {};
    std::int64_t now = momentNow();
    state_.pid = 0;
    state_.exitCode = status.number();
    state_.finishedAt = formatMoment(now);
    state_.oomKilled = holdings_.cgroup->oomKills() > oomKillsBefore_;
    if (state_.oomKilled) emit("oom");
    emit("die", {{"exitCode", std::to_string(state_.exitCode)}, {"execDuration", std::to_string((now - startedMoment_) / 1'000'000'000)}});
    std::optional<Nanoseconds> wait;
    if (!noRestart_) wait = restart_.next(status, Nanoseconds(now - startedMoment_), state_.restartCount);
    if (!wait) return finish();
    ++state_.restartCount;
    state_.status = Status::Restarting;
    writeState();
    restartTimer_.set(*wait);
}

void Supervisor::finish() {
    over_ = true;
    restartTimer_.clear();
    files_.reservedPorts.clear();
    resolver_.reset();
    releaseHoldings(plan_, holdings_);
    state_.status = Status::Exited;
    state_.stopping = false;
    state_.pid = 0;
    state_.health = state_.health == HealthStatus::None ? HealthStatus::None : HealthStatus::Unhealthy;
    ContainerState last = state_;
    last.monitorPid = 0;
    try {
        writeFileAtomically(folder_ + "/exit", encode(last));
    } catch (const SystemError&) {
        // A full disk: the state in the run folder says it until the next boot.
    }
    writeState();
    if (stopAsked_) emit("stop");
    std::string text = "S" + encode(last);
    for (Client& client : clients_) {
        if (client.waits) send(client.socket.get(), text);
    }
    log_.close();
    conclude();
}

/// When everything that was written has reached those attached and the log's receiver: ends the loop, after the reaper has settled what is left.
/// Requests are answered until then: who holds the container's lock, for which the reaper waits, may be asking.
void Supervisor::conclude() {
    if (!over_ || concluded_ || out_.hasPending() || err_.hasPending() || !log_.isSettled()) return;
    concluded_ = true;
    out_.closeSinks();
    err_.closeSinks();
    if (settled_ || plan_.reaper.empty()) return loop_.stop();
    ::setenv("DEVC_STATE_DIR", plan_.stateDir.c_str(), 1);
    ::setenv("DEVC_RUN_DIR", plan_.runDir.c_str(), 1);
    try {
        Fd program = openFile(plan_.reaper, O_PATH);
        Fd told;
        std::tie(reaping_, told) = makePipe();
        spawn({program.get(), {plan_.reaper, "system", "reap", plan_.id}, {-1, told.get(), -1}, false, false, false, "/"});
        // It closes its output when all is settled. Its end takes longer: the kernel forgets the firewall's old rules then.
        loop_.add(reaping_.get(), EPOLLIN, [this](std::uint32_t) { loop_.stop(); });
    } catch (const Error&) {
        loop_.stop();  // the next command settles what is left
    }
}

void Supervisor::accept() {
    Fd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (socket) addClient(std::move(socket), false);
}

void Supervisor::addClient(Fd socket, bool waits) {
    int descriptor = socket.get();
    clients_.push_back({std::move(socket), waits});
    loop_.add(descriptor, EPOLLIN, [this, descriptor](std::uint32_t) { serve(descriptor); });
}

void Supervisor::serve(int socket) {
    auto client = std::find_if(clients_.begin(), clients_.end(), [&](const Client& c) { return c.socket.get() == socket; });
    std::optional<Message> message = receive(socket);
    if (!message) {
        if (client->isCaller && plan_.endsWithCaller) kill(SIGKILL);
        if (client->holds && state_.status == Status::Paused) freeze(false);
        loop_.remove(socket);
        clients_.erase(client);
        return;
    }
    std::string text;
    try {
        text = answer(message->text, *message, *client);
    } catch (const Error& error) {
        text = std::string("E") + error.what();
    }
    if (!text.empty()) send(socket, text);
}

std::string Supervisor::answer(const std::string& request, Message& message, Client& client) {
    std::vector<std::string> parts = words(request);
    std::string verb = parts.empty() ? "" : parts.front();
    if (over_) {
        ContainerState last = state_;
        last.monitorPid = 0;
        return verb == "wait" || verb == "stop" ? "S" + encode(last) : "Ethe container is not running";
    }
    if (verb == "wait") {
        client.waits = true;
        return "";
    }
    if (verb == "stop") {
        // Killed before it was heard: a command that came after it may have found the container up and left it so.
        if (hasHungUp(client.socket.get())) return "";
        client.waits = true;
        settled_ = parts.size() > 3 && parts[3] == "settled";
        stop(static_cast<int>(number(parts, 1)), Nanoseconds(number(parts, 2)));
        return "";
    }
    if (verb == "resize") {
        terminalSize_ = {static_cast<unsigned>(number(parts, 1)), static_cast<unsigned>(number(parts, 2))};
        if (started_.terminal) setTerminalSize(started_.terminal.get(), terminalSize_);
        return "ok";
    }
    if (verb == "network") {
        if (!holdings_.networkNamespace) return "Ethe container has no network of its own";
        send(client.socket.get(), "ok", {holdings_.networkNamespace.get()});
        return "";
    }
    if (!running_) return "Ethe container is not running";
    if (verb == "process") {
        send(client.socket.get(), "ok", {started_.init.pidfd.get()});
        return "";
    }
    if (verb == "signal") {
        int signal = static_cast<int>(number(parts, 1));
        emit("kill", {{"signal", std::to_string(signal)}});
        int own = signalNumber(plan_.stopSignal);
        if (signal == SIGKILL || signal == own || signal == SIGTERM || signal == SIGINT || signal == SIGQUIT) {
            state_.stoppedByUser = noRestart_ = true;
            writeState();
        }
        kill(signal);
    } else if (verb == "pause" || verb == "unpause") {
        freeze(verb == "pause");
    } else if (verb == "hold") {
        freeze(true);
        client.holds = true;
    } else if (verb == "attach") {
        std::string letters = parts.size() > 1 ? parts[1] : "";
        for (size_t i = 0; i < letters.size() && i < message.descriptors.size(); ++i) {
            Fd& descriptor = message.descriptors[i];
            if (letters[i] == 'i') in_.attach(std::move(descriptor));
            else (letters[i] == 'o' ? out_ : err_).attach(std::move(descriptor));
        }
    } else {
        return "Eunknown request";
    }
    return "ok";
}

void Supervisor::stop(int signal, Nanoseconds grace) {
    state_.stoppedByUser = noRestart_ = stopAsked_ = true;
    if (!running_) return finish();
    state_.stopping = true;
    if (signal <= 0) signal = signalNumber(plan_.stopSignal);
    writeState();
    emit("kill", {{"signal", std::to_string(signal)}});
    kill(signal);
    if (signal == SIGKILL || grace.count() < 0) return;
    killTimer_.set(grace);
}

void Supervisor::kill(int signal) {
    if (!running_) return;
    signalFirst(plan_, started_.init, signal);
    // A frozen process takes no signal.
    if (state_.status == Status::Paused && noRestart_) freeze(false);
}

void Supervisor::freeze(bool frozen) {
    if (frozen == (state_.status == Status::Paused)) throw Error::of("the container is {}paused", frozen ? "already " : "not ");
    holdings_.cgroup->freeze(frozen);
    state_.status = frozen ? Status::Paused : Status::Running;
    if (health_) health_->pause(frozen);
    writeState();
    emit(frozen ? "pause" : "unpause");
}

void Supervisor::writeState() {
    try {
        writeFileAtomically(runFolder_ + "/state", encode(state_));
    } catch (const SystemError&) {
        // Its folder was removed or is full: those who ask the control socket still get an answer.
    }
}

void Supervisor::emit(const std::string& action, std::map<std::string, std::string> attributes) {
    attributes.insert(plan_.eventAttributes.begin(), plan_.eventAttributes.end());
    try {
        events_.append({timestampNow(), "container", action, plan_.id, std::move(attributes)});
    } catch (const Error&) {
        // Events are a service to onlookers; the container goes on without.
    }
}

void Supervisor::probed(const HealthProbe& probe) {
    HealthStatus before = state_.health;
    recordProbe(state_, probe, plan_.health, Nanoseconds(momentNow() - startedMoment_));
    writeState();
    if (state_.health != before) emit(fmt::format("health_status: {}", nameOf(state_.health)));
}

}  // namespace devc::engine

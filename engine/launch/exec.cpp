#include <csignal>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/launch/caller_signals.h"
#include "engine/launch/detach_keys.h"
#include "engine/launch/exec_request.h"
#include "engine/launch/failure.h"
#include "engine/launch/launch.h"
#include "engine/launch/monitor_program.h"
#include "engine/launch/relay.h"
#include "engine/linux/event_loop.h"
#include "engine/linux/memory_file.h"
#include "engine/linux/message.h"
#include "engine/linux/pipe.h"
#include "engine/linux/process.h"
#include "engine/linux/terminal.h"

namespace devc::engine {

namespace {

/// What the program gets as its stdio; -1: /dev/null.
struct Stdio {
    int in = -1, out = -1, err = -1;
};

Stdio stdioOf(const ExecSpec& spec) {
    if (spec.tty || spec.detach) return {};
    return {spec.interactive ? STDIN_FILENO : -1, STDOUT_FILENO, STDERR_FILENO};
}

/// Starts the monitor's verb; the caller's signals are passed on by hand, so it has a session of its own.
pid_t startVerb(const Host& host, const ExecRequest& request, const Stdio& stdio, int answer) {
    Fd program = openMonitorProgram(host), file = memoryFile("devc-exec", encode(request));
    SpawnRequest spawned;
    spawned.program = program.get();
    spawned.arguments = {"devc-monitor", "exec"};
    spawned.descriptors = {stdio.in, stdio.out, stdio.err, answer, file.get()};
    spawned.ownSession = spawned.bareEnvironment = true;
    spawned.detached = request.spec.detach;
    spawned.folder = "/";
    return spawn(spawned);
}

ExecRequest requestFor(const Host& host, const std::string& id, const ExecSpec& spec) {
    ContainerState state = readState(host, id);
    if (!state.pid) throw Conflict(fmt::format("container {} is not running", id));
    return {host.containerDir(id).string(), state.pid, spec, 0, 0};
}

/// The verb's word that the program runs, with its terminal if it has one. Throws what kept it from running.
Message awaitStart(const Fd& link, pid_t verb, bool detached) {
    std::optional<Message> answer = receive(link.get());
    if (answer && answer->text == "R") return std::move(*answer);
    if (!detached) waitFor(verb);
    throw answer ? decodeFailure(answer->text) : Error("the container's exec helper ended without a word", 126);
}

/// The program's stdio is the caller's own: there is nothing to do but wait and pass signals on.
int waitForProgram(pid_t verb, CallerSignals& signals) {
    Fd pidfd = openPidfd(verb);
    EventLoop loop;
    loop.add(pidfd.get(), EPOLLIN, [&](std::uint32_t) { loop.stop(); });
    loop.add(signals.descriptor(), EPOLLIN, [&](std::uint32_t) {
        if (int signal = signals.next(); signal && signal != SIGWINCH) signalPidfd(pidfd.get(), signal);
    });
    loop.run();
    return waitFor(verb).number();
}

/// Nothing if the detach keys were typed.
std::optional<int> relayTerminal(pid_t verb, CallerSignals& signals, const Fd& terminal, const ExecSpec& spec) {
    Fd pidfd = openPidfd(verb);
    DetachKeys keys(spec.detachKeys);
    RawTerminal raw(spec.interactive ? STDIN_FILENO : -1);
    bool detached = false;
    Relay relay;
    relay.add({.from = terminal.get(), .to = STDOUT_FILENO, .awaited = true, .filter = {}, .ended = {}});
    if (spec.interactive) {
        relay.add({.from = STDIN_FILENO, .to = terminal.get(), .awaited = false,
                   .filter = [&](std::string& typed) { return !(detached = keys.filter(typed)); }, .ended = {}});
    }
    relay.watch(pidfd.get(), [] { return false; });
    relay.watch(signals.descriptor(), [&] {
        int signal = signals.next();
        if (signal == SIGWINCH) {
            if (auto size = terminalSize(STDOUT_FILENO)) setTerminalSize(terminal.get(), *size);
        } else if (signal) {
            signalPidfd(pidfd.get(), signal);
        }
        return true;
    });
    relay.run();
    if (detached) return {};
    int status = waitFor(verb).number();
    relay.drain();
    return status;
}

}  // namespace

int exec(const Host& host, const std::string& id, const ExecSpec& spec) {
    ExecRequest request = requestFor(host, id, spec);
    if (auto size = terminalSize(STDOUT_FILENO); size && spec.tty) {
        request.rows = size->rows;
        request.columns = size->columns;
    }
    auto [own, theirs] = messagePair();
    CallerSignals signals;
    pid_t verb = startVerb(host, request, stdioOf(spec), theirs.get());
    theirs.reset();
    Message answer = awaitStart(own, verb, spec.detach);
    if (spec.detach) return 0;
    if (answer.descriptors.empty()) return waitForProgram(verb, signals);
    return relayTerminal(verb, signals, answer.descriptors.front(), spec).value_or(0);
}

int execCaptured(const Host& host, const std::string& id, const ExecSpec& spec, const std::function<void(std::string_view)>& output) {
    ExecSpec plain = spec;
    plain.tty = plain.detach = false;
    auto [own, theirs] = messagePair();
    auto [reading, writer] = makePipe();
    const int reader = reading.get();
    pid_t verb = startVerb(host, requestFor(host, id, plain), {-1, writer.get(), writer.get()}, theirs.get());
    theirs.reset();
    writer.reset();
    awaitStart(own, verb, false);
    // What the program has started may hold the pipe open for ever: its own end is what counts.
    Fd pidfd = openPidfd(verb);
    EventLoop loop;
    auto take = [&] {
        char chunk[16384];
        ssize_t got = ::read(reader, chunk, sizeof chunk);
        if (got > 0) output({chunk, static_cast<size_t>(got)});
        return got > 0;
    };
    loop.add(reader, EPOLLIN, [&](std::uint32_t) {
        if (!take()) loop.remove(reader);
    });
    loop.add(pidfd.get(), EPOLLIN, [&](std::uint32_t) { loop.stop(); });
    loop.run();
    ::fcntl(reader, F_SETFL, O_NONBLOCK);
    while (take()) {}
    return waitFor(verb).number();
}

}  // namespace devc::engine

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <linux/magic.h>
#include <optional>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <utility>

#include "engine/error.h"
#include "engine/launch/caller_signals.h"
#include "engine/launch/detach_keys.h"
#include "engine/launch/exec_request.h"
#include "engine/launch/failure.h"
#include "engine/launch/handles.h"
#include "engine/launch/launch.h"
#include "engine/launch/monitor_program.h"
#include "engine/launch/relay.h"
#include "engine/linux/event_loop.h"
#include "engine/linux/memory_file.h"
#include "engine/linux/message.h"
#include "engine/linux/mount.h"
#include "engine/linux/pipe.h"
#include "engine/linux/process.h"
#include "engine/linux/terminal.h"

namespace devc::engine {

namespace {

/// What the program gets as its stdio; -1: /dev/null.
struct Stdio {
    int in = -1, out = -1, err = -1;
};

bool isNull(int descriptor) {
    struct stat about{};
    return ::fstat(descriptor, &about) != 0 || (S_ISCHR(about.st_mode) && about.st_rdev == makedev(1, 3));
}

/// The caller's stdio for a program without a terminal. Pipes are passed as they are. Files and terminals are not: whoever has
/// a descriptor of one can open it again, for writing too, and read from a terminal when the caller has gone on.
class Streams {
public:
    explicit Streams(bool interactive) {
        if (interactive) in_ = pass(STDIN_FILENO);
        out_ = pass(STDOUT_FILENO);
        err_ = pass(STDERR_FILENO);
    }
    Stdio stdio() const { return {in_.theirs, out_.theirs, err_.theirs}; }
    bool areRelayed() const { return in_.own || out_.own || err_.own; }
    /// When the program has its ends.
    void closeTheirs() {
        for (Stream* stream : {&in_, &out_, &err_}) stream->lent.reset();
    }
    void addTo(Relay& relay) {
        if (in_.own) relay.add({.from = STDIN_FILENO, .to = in_.own.get(), .awaited = false, .filter = {}, .ended = [&] { in_.own.reset(); }});
        if (out_.own) relay.add({.from = out_.own.get(), .to = STDOUT_FILENO, .awaited = true, .filter = {}, .ended = {}});
        if (err_.own) relay.add({.from = err_.own.get(), .to = STDERR_FILENO, .awaited = true, .filter = {}, .ended = {}});
    }
    /// What the program still writes is for nobody.
    void closeOwn() {
        for (Stream* stream : {&in_, &out_, &err_}) stream->own.reset();
    }

private:
    struct Stream {
        int theirs = -1;
        Fd lent, own;
    };

    static Stream pass(int descriptor) {
        Stream stream;
        if (isNull(descriptor)) return stream;
        if (isOnFileSystem(descriptor, PIPEFS_MAGIC)) {
            stream.theirs = descriptor;
            return stream;
        }
        auto [reading, writing] = makePipe();
        if (descriptor != STDIN_FILENO) std::swap(reading, writing);
        stream.lent = std::move(reading);
        stream.own = std::move(writing);
        stream.theirs = stream.lent.get();
        return stream;
    }

    Stream in_, out_, err_;
};

/// Starts the monitor's verb; the caller's signals are passed on by hand, so it has a session of its own.
pid_t startVerb(const Host& host, const std::string& id, const ExecRequest& request, const Stdio& stdio, int answer) {
    Fd process = firstProcessOf(host, id);
    if (!process) throw Conflict(fmt::format("container {} is not running", id));
    Fd program = openMonitorProgram(host), file = memoryFile("devc-exec", encode(request));
    SpawnRequest spawned;
    spawned.program = program.get();
    spawned.arguments = {"devc-monitor", "exec"};
    spawned.descriptors = {stdio.in, stdio.out, stdio.err, answer, file.get(), process.get()};
    spawned.ownSession = spawned.bareEnvironment = true;
    spawned.detached = request.spec.detach;
    spawned.folder = "/";
    return spawn(spawned);
}

/// The verb's word that the program runs, with its terminal if it has one. Throws what kept it from running.
Message awaitStart(const Fd& link, pid_t verb, bool detached) {
    std::optional<Message> answer = receive(link.get());
    if (answer && answer->text == "R") return std::move(*answer);
    if (!detached) waitFor(verb);
    if (!answer) throw Error("the container's exec helper ended without a word", 126);
    Error failure = decodeFailure(answer->text);
    if (failure.exitStatus() == 125) failure.status(1);  // that is how a `run` fails
    throw failure;
}

/// Waits and passes signals on.
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

int relayStreams(pid_t verb, CallerSignals& signals, Streams& streams) {
    Fd pidfd = openPidfd(verb);
    Relay relay;
    streams.addTo(relay);
    relay.watch(pidfd.get(), [] { return false; });
    relay.watch(signals.descriptor(), [&] {
        if (int signal = signals.next(); signal && signal != SIGWINCH) signalPidfd(pidfd.get(), signal);
        return true;
    });
    relay.run(Relay::Until::Told);
    if (relay.isBroken()) streams.closeOwn();
    int status = waitForProgram(verb, signals);
    if (!relay.isBroken()) relay.drain();
    return status;
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
    ExecRequest request{host.containerDir(id).string(), spec, 0, 0};
    if (auto size = terminalSize(STDOUT_FILENO); size && spec.tty) {
        request.rows = size->rows;
        request.columns = size->columns;
    }
    auto [own, theirs] = messagePair();
    CallerSignals signals;
    std::optional<Streams> streams;
    if (!spec.tty && !spec.detach) streams.emplace(spec.interactive);
    pid_t verb = startVerb(host, id, request, streams ? streams->stdio() : Stdio(), theirs.get());
    theirs.reset();
    if (streams) streams->closeTheirs();
    Message answer = awaitStart(own, verb, spec.detach);
    if (spec.detach) return 0;
    if (streams) return streams->areRelayed() ? relayStreams(verb, signals, *streams) : waitForProgram(verb, signals);
    return relayTerminal(verb, signals, answer.descriptors.front(), spec).value_or(0);
}

int execCaptured(const Host& host, const std::string& id, const ExecSpec& spec, const std::function<void(std::string_view)>& output) {
    ExecSpec plain = spec;
    plain.tty = plain.detach = false;
    auto [own, theirs] = messagePair();
    auto [reading, writer] = makePipe();
    const int reader = reading.get();
    pid_t verb = startVerb(host, id, {host.containerDir(id).string(), plain, 0, 0}, {-1, writer.get(), writer.get()}, theirs.get());
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
        return std::max<ssize_t>(got, 0);
    };
    loop.add(reader, EPOLLIN, [&](std::uint32_t) {
        if (!take()) loop.remove(reader);
    });
    loop.add(pidfd.get(), EPOLLIN, [&](std::uint32_t) { loop.stop(); });
    loop.run();
    ::fcntl(reader, F_SETFL, O_NONBLOCK);
    // What others in the container go on to write is not waited for: a pipe's content is all that the program can have left.
    for (ssize_t left = ::fcntl(reader, F_GETPIPE_SZ), got; left > 0 && (got = take()) > 0; left -= got) {}
    return waitFor(verb).number();
}

}  // namespace devc::engine

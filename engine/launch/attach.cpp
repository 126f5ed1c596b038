#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/launch/caller_signals.h"
#include "engine/launch/detach_keys.h"
#include "engine/launch/launch.h"
#include "engine/launch/relay.h"
#include "engine/linux/message.h"
#include "engine/linux/terminal.h"

namespace devc::engine {

namespace {

struct Pipe {
    Fd read, write;

    static Pipe make() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) throw SystemError("make a pipe", errno);
        return {Fd(ends[0]), Fd(ends[1])};
    }
};

void makeNonBlocking(const Fd& descriptor) { ::fcntl(descriptor.get(), F_SETFL, O_NONBLOCK); }

void sendSize(int control) {
    if (auto size = terminalSize(STDOUT_FILENO)) send(control, fmt::format("resize {} {}", size->rows, size->columns));
}

}  // namespace

/// A pipe for each stream, and a control socket on which the monitor also says the end.
struct Attachment::Ends {
    Pipe in, out, err;
    Fd control, monitorsControl;
    bool tty = false, interactive = false;

    Ends(bool stdin_, bool terminal) : out(Pipe::make()), tty(terminal), interactive(stdin_) {
        if (stdin_) {
            in = Pipe::make();
            makeNonBlocking(in.write);
        }
        if (!terminal) err = Pipe::make();
    }

    /// What was lent has been passed on: the ends of streams are seen only when nobody else holds them.
    void closeTheirs() {
        in.read.reset();
        out.write.reset();
        err.write.reset();
        monitorsControl.reset();
    }
};

Attachment::Attachment(std::unique_ptr<Ends> ends) : ends_(std::move(ends)) {}
Attachment::Attachment(Attachment&&) noexcept = default;
Attachment::~Attachment() = default;

Attachment Attachment::beforeStart(bool stdin_, bool tty) {
    auto ends = std::make_unique<Ends>(stdin_, tty);
    std::tie(ends->control, ends->monitorsControl) = messagePair();
    // Read by the monitor before it makes the terminal.
    if (tty) sendSize(ends->control.get());
    return Attachment(std::move(ends));
}

Attachment Attachment::toRunning(const Host& host, const std::string& id, bool stdin_, bool tty) {
    auto ends = std::make_unique<Ends>(stdin_, tty);
    ends->control = connectTo(host.containerRunDir(id).string(), "control");
    if (!ends->control) throw Conflict(fmt::format("container {} is not running", id));
    std::string letters = "o";
    std::vector<int> lent = {ends->out.write.get()};
    if (!tty) {
        letters += 'e';
        lent.push_back(ends->err.write.get());
    }
    if (stdin_) {
        letters += 'i';
        lent.push_back(ends->in.read.get());
    }
    send(ends->control.get(), "attach " + letters, lent);
    std::optional<Message> answer = receive(ends->control.get());
    if (!answer) throw Conflict(fmt::format("container {} is not running", id));
    if (answer->text.starts_with("E")) throw Error(answer->text.substr(1));
    send(ends->control.get(), "wait");
    if (tty) sendSize(ends->control.get());
    return Attachment(std::move(ends));
}

LaunchFiles Attachment::files() const {
    LaunchFiles files;
    files.attachStdin = ends_->in.read.get();
    files.attachStdout = ends_->out.write.get();
    files.attachStderr = ends_->err.write.get();
    files.control = ends_->monitorsControl.get();
    return files;
}

std::optional<int> Attachment::run(const Host& host, const std::string& id, bool forwardSignals, const std::string& detachKeys) {
    Ends& ends = *ends_;
    ends.closeTheirs();
    DetachKeys keys(detachKeys);
    std::optional<ContainerState> last;
    bool detached = false;
    int ownSignal = 0;
    Relay relay;
    {
        CallerSignals signals;
        RawTerminal raw(ends.tty && ends.interactive ? STDIN_FILENO : -1);
        relay.add({.from = ends.out.read.get(), .to = STDOUT_FILENO, .awaited = true, .filter = {}, .ended = [&] { ends.out.read.reset(); }});
        if (ends.err.read) relay.add({.from = ends.err.read.get(), .to = STDERR_FILENO, .awaited = true, .filter = {}, .ended = [&] { ends.err.read.reset(); }});
        if (ends.interactive) {
            relay.add({.from = STDIN_FILENO, .to = ends.in.write.get(), .awaited = false,
                       .filter = [&](std::string& typed) { return !ends.tty || !(detached = keys.filter(typed)); },
                       .ended = [&] { ends.in.write.reset(); }});
        }
        relay.watch(ends.control.get(), [&] {
            std::optional<Message> message = receive(ends.control.get());
            if (!message) relay.unwatch(ends.control.get());
            else if (message->text.starts_with("S")) last = decodeState(std::string_view(message->text).substr(1));
            return true;
        });
        relay.watch(signals.descriptor(), [&] {
            int signal = signals.next();
            if (signal == SIGWINCH) {
                if (ends.tty) sendSize(ends.control.get());
            } else if (signal && forwardSignals) {
                send(ends.control.get(), fmt::format("signal {}", signal));
            } else if (signal) {
                ownSignal = signal;
            }
            return ownSignal == 0 && !relay.isBroken();
        });
        relay.run();
    }
    if (relay.isBroken()) ownSignal = SIGPIPE;
    if (ownSignal) ::raise(ownSignal);
    if (detached) return {};
    // Until the monitor is gone: what it settles at the end (ports, --rm) is settled then.
    while (std::optional<Message> message = receive(ends.control.get())) {
        if (message->text.starts_with("S")) last = decodeState(std::string_view(message->text).substr(1));
    }
    return last ? last->exitCode : readState(host, id).exitCode;
}

}  // namespace devc::engine

#include <csignal>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/launch/caller_signals.h"
#include "engine/launch/exec_request.h"
#include "engine/launch/failure.h"
#include "engine/linux/event_loop.h"
#include "engine/linux/message.h"
#include "engine/monitor/enter.h"
#include "engine/monitor/verbs.h"

namespace devc::engine {

namespace {

constexpr int answerDescriptor = 3, requestDescriptor = 4, processDescriptor = 5;

/// Nobody looks at the terminal of a detached program any more; it must not fill up.
void discard(EventLoop& loop, int terminal) {
    char chunk[4096];
    if (::read(terminal, chunk, sizeof chunk) <= 0) loop.remove(terminal);
}

/// Passes the signals on that devc passes on, until the program has ended.
int stayWith(const Entered& entered, CallerSignals& signals, const Fd& caller) {
    EventLoop loop;
    int status = 0;
    loop.add(entered.child.pidfd.get(), EPOLLIN, [&](std::uint32_t) {
        status = waitFor(entered.child.pid).number();
        loop.stop();
    });
    loop.add(signals.descriptor(), EPOLLIN, [&](std::uint32_t) {
        if (int signal = signals.next()) signalPidfd(entered.child.pidfd.get(), signal);
    });
    loop.add(caller.get(), EPOLLIN, [&](std::uint32_t) {
        loop.remove(caller.get());
        if (entered.terminal) loop.add(entered.terminal.get(), EPOLLIN, [&](std::uint32_t) { discard(loop, entered.terminal.get()); });
    });
    loop.run();
    return status;
}

}  // namespace

int execVerb() {
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    Fd answer(answerDescriptor);
    ::fcntl(answer.get(), F_SETFD, FD_CLOEXEC);
    try {
        CallerSignals signals;
        ExecRequest request = decodeExecRequest(readFile("/proc/self/fd/" + std::to_string(requestDescriptor)));
        ::close(requestDescriptor);
        const Fd process(processDescriptor);
        ::fcntl(process.get(), F_SETFD, FD_CLOEXEC);
        Entered entered = enterContainer(request, process.get(), STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO);
        // Whoever reads what the program writes waits for it, not for this process.
        for (int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::close(descriptor);
        if (entered.terminal) send(answer.get(), "R", {entered.terminal.get()});
        else send(answer.get(), "R");
        return stayWith(entered, signals, answer);
    } catch (const Error& error) {
        send(answer.get(), encodeFailure(error));
        return error.exitStatus();
    }
}

}  // namespace devc::engine

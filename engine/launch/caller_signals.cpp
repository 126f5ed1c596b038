#include "engine/launch/caller_signals.h"

#include <cerrno>
#include <sys/signalfd.h>
#include <unistd.h>

#include "engine/error.h"

namespace devc::engine {

CallerSignals::CallerSignals() {
    sigset_t set;
    sigemptyset(&set);
    for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH}) sigaddset(&set, signal);
    signals_ = Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals_) throw SystemError("wait for signals", errno);
    ::sigprocmask(SIG_BLOCK, &set, &before_);
    struct sigaction ignored{};
    ignored.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignored, &pipeBefore_);
}

CallerSignals::~CallerSignals() {
    ::sigaction(SIGPIPE, &pipeBefore_, nullptr);
    ::sigprocmask(SIG_SETMASK, &before_, nullptr);
}

int CallerSignals::next() {
    signalfd_siginfo info{};
    return ::read(signals_.get(), &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
}

}  // namespace devc::engine

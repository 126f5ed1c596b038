#pragma once
#include <csignal>
#include <functional>

#include "engine/linux/fd.h"

namespace devc::engine {

/// While it lives the signals that a user sends to a client (SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM,
/// SIGWINCH) come over a descriptor instead of ending the calling process, and SIGPIPE is an error of write(2).
class CallerSignals {
public:
    CallerSignals();
    ~CallerSignals();
    CallerSignals(const CallerSignals&) = delete;
    CallerSignals& operator=(const CallerSignals&) = delete;

    int descriptor() const { return signals_.get(); }
    /// The next one, or 0.
    int next();

private:
    sigset_t before_{};
    struct sigaction pipeBefore_{};
    Fd signals_;
};

}  // namespace devc::engine

#pragma once
#include <csignal>

#include "engine/linux/fd.h"

namespace devc::app {

/// SIGINT and SIGTERM, which end a command in the foreground: read from a descriptor while the object lives, in place of
/// their usual effect. Made before any thread.
class EndSignals {
public:
    EndSignals();
    ~EndSignals();
    EndSignals(const EndSignals&) = delete;

    int descriptor() const { return file_.get(); }
    /// The number of a signal that has come, or 0.
    int take();

private:
    sigset_t before_{};
    engine::Fd file_;
};

}  // namespace devc::app

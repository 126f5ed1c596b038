#pragma once
#include "engine/linux/fd.h"

namespace devc::engine {

/// A descriptor by which one thread wakes another that waits in poll(2): an eventfd(2).
class Wakeup {
public:
    Wakeup();
    int descriptor() const { return event_.get(); }
    /// The descriptor is readable from now on, until clear().
    void raise();
    void clear();

private:
    Fd event_;
};

}  // namespace devc::engine

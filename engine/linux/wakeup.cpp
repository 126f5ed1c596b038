#include "engine/linux/wakeup.h"

#include <cerrno>
#include <sys/eventfd.h>

#include "engine/error.h"

namespace devc::engine {

Wakeup::Wakeup() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!event_) throw SystemError("make a descriptor for wake-ups", errno);
}

void Wakeup::raise() { ::eventfd_write(event_.get(), 1); }

void Wakeup::clear() {
    eventfd_t count = 0;
    ::eventfd_read(event_.get(), &count);
}

}  // namespace devc::engine

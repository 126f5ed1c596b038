#pragma once
#include <utility>

#include "engine/linux/fd.h"

namespace devc::engine {

/// Both ends close on exec: first what is read from, then what is written to. Throws SystemError.
std::pair<Fd, Fd> makePipe();

}  // namespace devc::engine

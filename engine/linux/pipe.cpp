#include "engine/linux/pipe.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include "engine/error.h"

namespace devc::engine {

std::pair<Fd, Fd> makePipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw SystemError("make a pipe", errno);
    return {Fd(ends[0]), Fd(ends[1])};
}

}  // namespace devc::engine

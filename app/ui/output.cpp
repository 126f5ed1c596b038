#include "app/ui/output.h"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <unistd.h>

#include "engine/error.h"

namespace devc::app {

namespace {
[[noreturn]] void fail(int error) { throw engine::SystemError("write standard output", error); }
}  // namespace

void holdStandardDescriptors() {
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(descriptor, F_GETFD) < 0) (void)::open("/dev/null", O_RDONLY);
}

void out(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) fail(errno);
}

void finishOutput() {
    const int error = std::fflush(stdout) != 0 ? errno : std::ferror(stdout) != 0 ? EIO : 0;
    if (error != 0) fail(error);
}

}  // namespace devc::app

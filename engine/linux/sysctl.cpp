#include "engine/linux/sysctl.h"

#include <fcntl.h>
#include <unistd.h>

#include "engine/linux/fd.h"

namespace devc::engine {

void setSysctl(const std::string& name, std::string_view value) {
    Fd file(::open(("/proc/sys/" + name).c_str(), O_RDWR | O_CLOEXEC));
    if (!file) return;
    char now = 0;
    if (::pread(file.get(), &now, 1, 0) == 1 && value == std::string_view(&now, 1)) return;
    // At the beginning: what is written behind it the kernel ignores.
    (void)!::pwrite(file.get(), value.data(), value.size(), 0);
}

}  // namespace devc::engine

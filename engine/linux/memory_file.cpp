#include "engine/linux/memory_file.h"

#include <cerrno>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/error.h"

namespace devc::engine {

Fd memoryFile(const char* name, std::string_view content) {
    Fd file(::memfd_create(name, MFD_CLOEXEC));
    if (!file) throw SystemError("create a memory file", errno);
    writeAll(file.get(), content);
    ::lseek(file.get(), 0, SEEK_SET);
    return file;
}

}  // namespace devc::engine

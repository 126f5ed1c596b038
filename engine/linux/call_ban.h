#pragma once
#include <span>

namespace devc::engine {

/// From now on these system calls fail with EPERM in the calling process and all it starts, and so do clone with new
/// namespaces; clone3, whose flags a filter cannot see, is "not there". Names that this machine lacks are left out.
/// Needs no_new_privs or CAP_SYS_ADMIN. Throws SystemError.
void banCalls(std::span<const char* const> names);

}  // namespace devc::engine

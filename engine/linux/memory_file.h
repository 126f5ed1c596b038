#pragma once
#include <string_view>

#include "engine/linux/fd.h"

namespace devc::engine {

/// A file in memory without a name, close-on-exec, holding `content` and read from its start. `name` only shows in /proc.
/// Throws SystemError.
Fd memoryFile(const char* name, std::string_view content);

}  // namespace devc::engine

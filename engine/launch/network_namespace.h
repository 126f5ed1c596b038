#pragma once
#include <string>

#include "engine/host.h"
#include "engine/linux/fd.h"

namespace devc::engine {

/// The container's network namespace, of which its monitor has hold between two starts too. An empty Fd if the container is
/// not up, or has none of its own.
Fd networkNamespaceOf(const Host&, const std::string& id);

}  // namespace devc::engine

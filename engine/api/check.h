#pragma once
#include "engine/image/images.h"

namespace devc::engine {

class Engine;

/// Whether all that the engine keeps is as it should be: the database, blobs and images, and nothing of what containers and
/// networks had in the kernel or on disk is left of those that are gone. `fix`: what can be mended is, what is left is removed.
StoreReport check(Engine& engine, bool fix);

}  // namespace devc::engine

#pragma once
#include <string>

#include "compose/model/project.h"

namespace devc::compose {

struct RenderOptions {
    bool json = false;
    /// `$` is doubled so that the output, loaded again, means the same. Off after --no-interpolate.
    bool escapeDollars = true;
};

/// The project as a compose file, in Docker Compose's order of keys and formats. Ends with a newline.
std::string render(const Project& project, const RenderOptions& options);

}  // namespace devc::compose

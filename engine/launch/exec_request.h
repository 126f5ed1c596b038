#pragma once
#include <string>
#include <string_view>

#include "engine/launch/launch.h"

namespace devc::engine {

/// What devc tells `devc-monitor exec`: in a file without a name, so that secrets in the environment are no arguments.
struct ExecRequest {
    std::string folder;  ///< of the container
    ExecSpec spec;
    unsigned rows = 0, columns = 0;  ///< of its terminal; 0: unknown
};

std::string encode(const ExecRequest&);
ExecRequest decodeExecRequest(std::string_view json);

}  // namespace devc::engine

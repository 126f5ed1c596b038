#pragma once
#include <functional>
#include <string>

#include "engine/build/operation.h"

namespace devc::engine::build {

struct MountText {
    std::string from;  ///< as written; empty: the context (bind) or nothing (cache)
    RunMount mount;
};

/// One value of RUN --mount: "type=cache,target=/x". `expand` replaces variables; relative targets are below `workingDir`.
/// Throws Error naming the key that is wrong.
MountText parseRunMount(const std::string& text, const std::function<std::string(const std::string&)>& expand, const std::string& workingDir);

/// "10m", "1g", "512" in bytes; throws Error.
std::uint64_t parseBytes(const std::string& text);

/// Comma-separated fields; quotes as in CSV hold a comma.
std::vector<std::string> splitFields(std::string_view text);

}  // namespace devc::engine::build

#pragma once
#include <cstdint>
#include <filesystem>

#include "engine/host.h"

namespace devc::engine::build {

/// Where the folders of `RUN --mount=type=cache` are: each beside a file NAME.lock, which whoever uses the folder has locked.
std::filesystem::path cacheMountsOf(const Host& host);

/// Removes those that no step uses; returns the bytes freed.
std::uint64_t pruneCacheMounts(const Host& host);

}  // namespace devc::engine::build

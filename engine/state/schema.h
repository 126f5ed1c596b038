#pragma once
#include <span>

namespace devc::engine {

/// The schema of the state database as steps: entry n takes it from user_version n to n+1. Entries that were released
/// are never changed; a change of the schema is a new entry at the end.
std::span<const char* const> migrations();

}  // namespace devc::engine

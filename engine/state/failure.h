#pragma once
#include <string>

struct sqlite3;

namespace devc::engine {

/// Why the last call failed, in the words that the system has for it where it was the system.
std::string failureOf(sqlite3* handle);

}  // namespace devc::engine

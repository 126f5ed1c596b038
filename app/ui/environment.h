#pragma once

namespace devc::app {

/// True if the variable of the environment says so: 1, t, true (as Go's ParseBool reads it).
bool environmentFlag(const char* name);

}  // namespace devc::app

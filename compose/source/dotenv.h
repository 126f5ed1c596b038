#pragma once
#include <string>

#include "compose/interpolate.h"
#include "compose/model/mapping.h"
#include "compose/source/node.h"

namespace devc::compose {

/// Reads an environment file: KEY=VALUE, `export KEY=VALUE`, KEY: VALUE, comments, 'literal', "with $VARIABLES and
/// \n escapes" over several lines. A KEY alone takes its value from `outer` if that has one. Expansion asks `outer`
/// first, then what the file defined above; `unset` gets the names that neither has. Throws LoadError with file, line and column.
StringMap parseDotenv(const Source& source, const Lookup& outer, const Unset& unset = {});

/// The `raw` format of env_file: everything after `=` as it stands, no quoting and no expansion.
StringMap parseRawEnvironment(const Source& source, const Lookup& outer);

}  // namespace devc::compose

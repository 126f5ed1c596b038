#pragma once
#include <string>
#include <string_view>

namespace devc::engine {

/// Writes a durable file that has no name until it is complete (O_TMPFILE): whoever is killed meanwhile leaves nothing, where
/// writeFileAtomically() leaves a file under a temporary name. What has the name already is replaced, then as that does it, and so
/// is everything on file systems that know no files without a name. Throws SystemError.
void writeUnnamedFirst(const std::string& path, std::string_view content, unsigned mode);

}  // namespace devc::engine

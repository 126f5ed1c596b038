#pragma once
#include <string>
#include <string_view>

namespace devc::compose {

/// A string as a YAML value, in the style that Docker Compose chooses: plain, 'single' or "double" quoted, or | for
/// lines. It starts in `column` (from 0); lines that grow beyond 80 columns go on in the next one, `indent` columns in.
std::string yamlText(std::string_view text, int column, int indent);

/// A string as a key: as a value, but always one line.
std::string yamlKey(std::string_view text);

}  // namespace devc::compose

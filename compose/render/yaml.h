#pragma once
#include <string>

#include "compose/source/node.h"

namespace devc::compose {

/// A tree as YAML: two spaces, lists indented below their key, quotes only where they are needed, texts of several
/// lines as blocks. Ends with a newline.
std::string toYaml(const Node& node);

}  // namespace devc::compose

#pragma once
#include <string>
#include <vector>

#include "compose/source/node.h"

namespace devc::compose {

/// Reads all documents of a YAML (or JSON) text: anchors, aliases and merge keys are resolved, positions kept.
/// A text without any value has no document. Throws LoadError: syntax, duplicate keys, unknown anchors, text that is not UTF-8,
/// NUL and other control characters, deeper than 100 levels, aliases that expand to more than 500,000 values.
std::vector<Node> parseYaml(const Source& source);

}  // namespace devc::compose

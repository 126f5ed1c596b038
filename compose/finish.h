#pragma once
#include <string>

#include "compose/problems.h"
#include "compose/schema/schema.h"
#include "compose/source/node.h"

namespace devc::compose {

/// Turns a tree in long form into canonical values: keys in the order of the schema, mappings for KEY=VALUE lists,
/// "1073741824" for "1g", argument lists for commands; what is empty is left out as the schema says.
/// Values that mean nothing ("lots" of memory) are added to `problems`.
void finish(Node& node, const schema::Shape& shape, const std::string& path, Problems& problems);

}  // namespace devc::compose

#pragma once
#include <string>

#include "compose/problems.h"
#include "compose/schema/schema.h"
#include "compose/source/node.h"

namespace devc::compose::schema {

/// Compares a tree with a shape and adds every difference to `problems`. `path` is the tree's own place: "services.a".
void check(const Node& node, const Shape& shape, const std::string& path, Problems& problems);

}  // namespace devc::compose::schema

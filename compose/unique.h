#pragma once
#include "compose/schema/schema.h"
#include "compose/source/node.h"

namespace devc::compose {

/// Drops from lists what a later element replaces (see schema::Unique).
void dropReplaced(Node& node, const schema::Shape& shape);

}  // namespace devc::compose

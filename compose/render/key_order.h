#pragma once
#include "compose/schema/schema.h"
#include "compose/source/node.h"

namespace devc::compose {

/// Whether one key stands before another in Docker Compose's YAML: numbers in names by their value (web2 before web10).
bool keyBefore(std::string_view one, std::string_view other);

/// Puts free keys in the order of keyBefore(); those that `shape` knows stay. Without a shape all keys are free.
void orderKeys(Node& node, const schema::Shape* shape);

}  // namespace devc::compose

#pragma once
#include <string>

#include "compose/schema/schema.h"
#include "compose/source/node.h"

namespace devc::compose {

/// A tree as JSON. With a shape the keys have their JSON names, extensions are left out, and what the schema marks is
/// printed as null or {} even where it is absent. `indent` 0: on one line without spaces, as Go's json.Marshal.
std::string toJson(const Node& node, const schema::Shape* shape, int indent);

}  // namespace devc::compose

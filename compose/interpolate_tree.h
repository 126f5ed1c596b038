#pragma once
#include <functional>
#include <string>

#include "compose/budget.h"
#include "compose/model/mapping.h"
#include "compose/problems.h"
#include "compose/schema/schema.h"
#include "compose/source/node.h"

namespace devc::compose {

/// Replaces the variables in all texts below `node` and gives each the type that its place in `shape` wants ("80" a number,
/// "yes" a boolean). What cannot be replaced or converted is added to `problems`; `warn` hears of variables that nothing sets,
/// and of booleans that YAML 1.2 does not have.
void interpolateTree(Node& node, const schema::Shape& shape, const StringMap& environment, Budget& budget, Problems& problems,
                     const std::function<void(const std::string&)>& warn);

}  // namespace devc::compose

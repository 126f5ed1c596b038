#pragma once
#include <string>

#include "compose/schema/schema.h"
#include "compose/source/node.h"

namespace devc::compose {

/// Puts `over` onto `base` by the rules of the specification's chapter 13-merge, as the schema's rows say.
/// `!reset` and `!override` in `over` are obeyed. Short forms may be on either side.
/// Throws LoadError when the two cannot be one ("cannot override services.a.ports").
void merge(Node& base, Node over, const schema::Shape& shape, const std::string& path);

/// Drops values that `!reset` left behind where there was nothing to reset.
void dropResets(Node& node);

}  // namespace devc::compose

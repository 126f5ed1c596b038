#pragma once
#include <string>

#include "compose/schema/schema.h"
#include "compose/source/node.h"

namespace devc::compose {

/// Puts `over` onto `base` by the rules of the specification's chapter 13-merge, as the schema's rows say.
/// `!reset` and `!override` in `over` are obeyed and stay where they are, so that they also hold for what `base` itself
/// is put onto; dropResets() ends that. Short forms may be on either side.
/// Throws LoadError when the two cannot be one ("cannot override services.a.ports").
void merge(Node& base, Node over, const schema::Shape& shape, const std::string& path);

/// Drops what `!reset` has emptied, and forgets all tags.
void dropResets(Node& node);

}  // namespace devc::compose

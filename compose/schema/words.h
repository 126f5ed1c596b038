#pragma once
#include <string>

#include "compose/schema/schema.h"

namespace devc::compose::schema {

/// What may stand at a place, for people: "list of texts, or one text", "duration such as `1m30s`".
std::string valueText(const Shape& shape);

/// How values of several files become one: "replaced", "added; by `target`".
std::string mergeText(const Attribute& attribute);

}  // namespace devc::compose::schema

#pragma once
#include <string>
#include <string_view>

#include "compose/source/node.h"

namespace devc::compose {

/// What an unquoted YAML scalar means to Docker Compose: YAML 1.2's core schema, with octal 0777, 1_000 and dates of
/// YAML 1.1; "yes", "no", "on", "off" are strings.
Node resolveScalar(std::string_view text, Position at);

/// A number in the shortest form that reads back the same, with exponents where Go's %v has them (1e+06).
std::string floatText(double value);

/// A Float as Go writes it in JSON (1000000).
std::string jsonNumber(const Node& number);

/// Whether an unquoted scalar of this text would be read back as this very string.
bool readsAsString(std::string_view text);

}  // namespace devc::compose

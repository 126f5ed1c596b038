#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compose/problems.h"
#include "compose/schema/schema.h"
#include "compose/source/node.h"

namespace devc::compose {

/// What a short form cannot mean.
struct ShortFormError {
    std::string message;
};

/// "[IP:][HOST[-HOST]:]CONTAINER[-CONTAINER][/PROTOCOL]" -> one long form for each container port. Throws ShortFormError.
std::vector<Node> expandPort(std::string_view text, Position at);

/// "[SOURCE:]TARGET[:OPTIONS]" -> long form. Throws ShortFormError.
Node expandVolume(std::string_view text, Position at);

/// "SOURCE[:TARGET[:PERMISSIONS]]" -> long form. Throws ShortFormError.
Node expandDevice(std::string_view text, Position at);

/// Whether expandAll() turns a value of this form as a whole into another one that merging understands.
bool isStructural(schema::Form form);
/// Brings one value of a structural form into its long form; leaves others alone.
void expandStructure(Node& node, schema::Form form);

/// Brings all short forms below into their long forms. With `lenient`, what cannot be parsed stays (it may hold
/// variables that are not replaced yet); otherwise it is added to `problems`.
void expandAll(Node& node, const schema::Shape& shape, const std::string& path, bool lenient, Problems& problems);

}  // namespace devc::compose

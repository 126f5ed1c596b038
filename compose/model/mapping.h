#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace devc::compose {

/// KEY=VALUE pairs: labels, options, sysctls. Sorted by key.
using StringMap = std::map<std::string, std::string>;
/// As StringMap, where a key may have no value (it is then removed from what the image defines).
using OptionalStringMap = std::map<std::string, std::optional<std::string>>;
using StringList = std::vector<std::string>;

}  // namespace devc::compose

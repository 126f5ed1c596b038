#pragma once
#include <string_view>

namespace devc::compose::schema {

/// Whether a part of the text is a container's name. The specification's patterns are not anchored: what stands
/// before and after the part is not looked at.
bool hasContainerName(std::string_view text);
/// Whether a part of the text is a pull policy: always, daily, every_12h, ...
bool hasPullPolicy(std::string_view text);

}  // namespace devc::compose::schema

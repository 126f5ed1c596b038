#pragma once
#include <optional>
#include <string_view>

#include "compose/model/mapping.h"

namespace devc::compose {

/// Words of a command line as Docker Compose splits it: quotes and backslashes as in a shell, nothing is expanded,
/// and the line ends at an unquoted ; & | < or >. Nothing if a quote, a backslash or a $( stays open.
std::optional<StringList> splitWords(std::string_view text);

}  // namespace devc::compose

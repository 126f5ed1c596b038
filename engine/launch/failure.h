#pragma once
#include <string>
#include <string_view>

#include "engine/error.h"

namespace devc::engine {

/// How one process of the engine tells another that a start failed: "F<status> <sentence>", each detail and hint on a
/// line of its own behind a letter, D or H.
/// The status is docker's: 125 unless the error says 126 or 127.
std::string encodeFailure(const Error&);
Error decodeFailure(const std::string& message);

}  // namespace devc::engine

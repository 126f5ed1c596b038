#pragma once
#include "engine/error.h"

namespace devc::engine::build {

/// What is wrong in a Dockerfile, at its line: "dockerfile parse error on line 3: ...".
template <typename... T>
Error parseError(int line, fmt::format_string<T...> format, T&&... arguments) {
    return Error(fmt::format("dockerfile parse error on line {}: {}", line, fmt::format(format, std::forward<T>(arguments)...)));
}

}  // namespace devc::engine::build

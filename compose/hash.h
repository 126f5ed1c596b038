#pragma once
#include <string>
#include <string_view>

namespace devc::compose {

/// SHA-256 as 64 lower-case hexadecimal digits.
std::string sha256Hex(std::string_view text);

}  // namespace devc::compose

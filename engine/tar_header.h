#pragma once
#include <cstddef>
#include <string_view>

namespace devc::engine {

inline constexpr std::size_t tarHeaderSize = 512;

/// Do these bytes begin a tar with something in it: a header whose checksum is right?
bool isTarHeader(std::string_view head);

}  // namespace devc::engine

#pragma once
#include <cstddef>
#include <string_view>

namespace devc::compose {

/// Length in bytes of the UTF-8 sequence that begins at `i`; 0 if there is none (also for surrogates and longer forms
/// than needed).
std::size_t utf8Length(std::string_view text, std::size_t i);

bool isUtf8(std::string_view text);

}  // namespace devc::compose

#pragma once
#include <string_view>

namespace devc::app {

/// What is opened later must not become standard output where the caller has closed that. Writing to it fails, as before.
void holdStandardDescriptors();

/// Text to standard output. Throws SystemError.
void out(std::string_view text);

/// Whatever was printed must have been written, also what went out before the end. Throws SystemError.
void finishOutput();

}  // namespace devc::app

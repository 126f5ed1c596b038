#pragma once
#include <exception>
#include <string_view>

namespace devc::app {

/// Prints what went wrong on stderr: the sentence, its details indented, its hints. Returns the exit status.
int reportException(std::exception_ptr error);

/// A line on stderr. Names and files that somebody else wrote may hold sequences that a terminal obeys: they are printed
/// as \x1b and the like.
void reportLine(const char* lead, std::string_view text);

}  // namespace devc::app

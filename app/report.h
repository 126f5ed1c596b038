#pragma once
#include <exception>

namespace devc::app {

/// Prints what went wrong on stderr: the sentence, its details indented, its hints. Returns the exit status.
int reportException(std::exception_ptr error);

}  // namespace devc::app

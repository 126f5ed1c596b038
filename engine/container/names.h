#pragma once
#include <string>

namespace devc::engine {

/// A name for a container that was given none: "adjective_surname"; with `attempt` > 0 and a number behind.
std::string generateName(int attempt);
/// Throws Error unless the name has docker's form: [a-zA-Z0-9][a-zA-Z0-9_.-]+
void checkContainerName(const std::string& name);

}  // namespace devc::engine

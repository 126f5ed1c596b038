#pragma once
#include <string>

namespace devc::compose::schema {

/// The tables as a JSON Schema (draft 2020-12) for editors: what a compose file may say, short forms included.
std::string jsonSchema();

}  // namespace devc::compose::schema

#pragma once
#include <cstdint>
#include <string>

#include "compose/model/mapping.h"

namespace devc::compose {

/// A top-level volume.
struct Volume {
    std::string name;             // the real name, "project_key" by default
    bool external = false;
    std::string driver;           // empty: local
    StringMap driverOptions;
    StringMap labels;
};

/// A top-level model (services.models binds it).
struct Model {
    std::string name;
    std::string model;
    std::int64_t contextSize = 0;
    StringList runtimeFlags;
};

}  // namespace devc::compose

#pragma once
#include <string>
#include <vector>

namespace devc::app {

class Context;

struct PushOptions {
    bool ignoreFailures = false, dependencies = false, quiet = false;
};
/// Pushes the images that these services (all if none is named) build, one after another. Throws the first failure after all
/// were tried.
void pushImages(Context& context, const PushOptions& options, const std::vector<std::string>& services);

}  // namespace devc::app

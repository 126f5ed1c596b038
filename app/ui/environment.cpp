#include "app/ui/environment.h"

#include <cstdlib>
#include <string_view>

namespace devc::app {

bool environmentFlag(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr) return false;
    const std::string_view text = value;
    return text == "1" || text == "true" || text == "TRUE" || text == "True" || text == "t" || text == "T";
}

}  // namespace devc::app

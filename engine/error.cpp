#include "engine/error.h"

#include <cstring>

namespace devc::engine {

Error::Error(std::string cause, int exitStatus) : sentence_(std::move(cause)), exitStatus_(exitStatus) {}

Error& Error::addContext(std::string context) {
    sentence_ = std::move(context) + ": " + sentence_;
    return *this;
}

Error& Error::detail(std::string line) {
    details_.push_back(std::move(line));
    return *this;
}

Error& Error::hint(std::string line) {
    hints_.push_back(std::move(line));
    return *this;
}

Error& Error::status(int exitStatus) {
    exitStatus_ = exitStatus;
    return *this;
}

SystemError::SystemError(std::string_view action, int errnoValue)
    : TypedError(fmt::format("{}: {}", action, std::strerror(errnoValue))), errno_(errnoValue) {}

}  // namespace devc::engine

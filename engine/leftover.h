#pragma once
#include <functional>
#include <string>

namespace devc::engine {

/// Something that no record accounts for: of a command or monitor that was killed, or of records that were lost.
struct Leftover {
    std::string what;              ///< "the firewall table devc-1234abcd-..., of no network that is in use"
    std::function<void()> remove;  ///< throws Error
    bool isPassing = false;        ///< the next command that makes, starts or removes a container takes it away
};

}  // namespace devc::engine

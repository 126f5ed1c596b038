#pragma once
#include <functional>
#include <string>
#include <vector>

#include "app/filter/filters.h"

namespace devc::engine {
struct Container;
}

namespace devc::app {

/// `container ls --filter`.
class ContainerQuery {
public:
    /// `createdOf`: when the container of a name was made, for `before` and `since`. Throws Error.
    ContainerQuery(const std::vector<std::string>& texts, const std::function<std::string(const std::string&)>& createdOf);

    /// A status or an exit code is asked for: containers that do not run are looked at too.
    bool looksAtAll() const;
    bool accepts(const engine::Container& container) const;

private:
    Filters filters_;
    std::vector<std::string> before_, since_;
};

}  // namespace devc::app

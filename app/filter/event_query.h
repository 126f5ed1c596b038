#pragma once
#include <string>
#include <vector>

#include "app/filter/filters.h"

namespace devc::engine {
struct Event;
}

namespace devc::app {

/// `system events --filter`.
class EventQuery {
public:
    /// Throws Error.
    explicit EventQuery(const std::vector<std::string>& texts);
    bool accepts(const engine::Event& event) const;

private:
    Filters filters_;
};

}  // namespace devc::app

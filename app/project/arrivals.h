#pragma once
#include <functional>
#include <string>

#include "app/project/background.h"
#include "engine/container/containers.h"

namespace devc::engine {
class Engine;
}

namespace devc::app {

/// Calls back, from a thread of its own, for each container of a project that is started while the object lives: by this
/// command, by another (`scale`, `restart`) or anew by its restart policy. One-off containers are none of it.
class Arrivals {
public:
    /// `since`: RFC 3339, the moment from which starts count.
    Arrivals(engine::Engine& engine, std::string project, std::string since, std::function<void(const engine::Container&)> arrived);
    ~Arrivals();

private:
    engine::Wakeup stop_;
    Background listening_;
};

}  // namespace devc::app

#include "engine/engine.h"

namespace devc::engine {

Engine::Engine(Host host)
    : host_(std::move(host)), database_(host_.database()), events_(host_), images_(host_, database_), networks_(host_, database_),
      volumes_(host_, database_), containers_(host_, database_, images_, networks_, volumes_, events_),
      builder_(host_, database_, images_, networks_) {}

}  // namespace devc::engine

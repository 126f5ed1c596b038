#pragma once
#include "engine/build/builder.h"
#include "engine/container/containers.h"
#include "engine/event/events.h"
#include "engine/host.h"
#include "engine/image/images.h"
#include "engine/network/networks.h"
#include "engine/state/database.h"
#include "engine/volume/volumes.h"

namespace devc::engine {

/// The engine as its users see it: one state directory, everything in it. Cheap to make (opens the database, no more).
class Engine {
public:
    explicit Engine(Host host = Host::fromEnvironment());

    const Host& host() const { return host_; }
    Database& database() { return database_; }
    Images& images() { return images_; }
    Networks& networks() { return networks_; }
    Volumes& volumes() { return volumes_; }
    Containers& containers() { return containers_; }
    Builder& builder() { return builder_; }
    Events& events() { return events_; }

private:
    Host host_;
    Database database_;
    Events events_;
    Images images_;
    Networks networks_;
    Volumes volumes_;
    Containers containers_;
    Builder builder_;
};

}  // namespace devc::engine

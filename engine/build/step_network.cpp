#include "engine/build/step_network.h"

#include <exception>

#include "engine/container/containers.h"
#include "engine/network/networks.h"

namespace devc::engine::build {

StepNetwork::StepNetwork(Networks& networks, const ContainerSpec& spec, const std::string& id) : networks_(networks), id_(id) {
    NetworkAttachment attachment;
    attachment.network = networks_.defaultBridge().id;
    networks_.attach(id_, spec.name, spec, attachment);
    try {
        networks_.activate({id_});
    } catch (...) {
        networks_.release(id_);
        throw;
    }
}

StepNetwork::~StepNetwork() {
    try {
        networks_.deactivate({id_});
    } catch (const std::exception&) {
        // The lease goes all the same; what the firewall still has of it goes with the next that changes it.
    }
    try {
        networks_.release(id_);
    } catch (const std::exception&) {
        // The sweep of the next build gives it back.
    }
}

}  // namespace devc::engine::build

#pragma once
#include <string>

namespace devc::engine {
class Networks;
struct ContainerSpec;
}

namespace devc::engine::build {

/// The addresses and firewall entries of one step on the default bridge, given back when it ends.
class StepNetwork {
public:
    StepNetwork(Networks& networks, const ContainerSpec& spec, const std::string& id);
    ~StepNetwork();
    StepNetwork(const StepNetwork&) = delete;

private:
    Networks& networks_;
    std::string id_;
};

}  // namespace devc::engine::build

#include "app/project/observe.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "app/project/labels.h"
#include "engine/engine.h"

namespace devc::app {

std::vector<engine::Container> containersOf(engine::Engine& engine, const std::string& project) {
    engine::ContainerFilter filter;
    filter.labels[label::project] = project;
    std::vector<engine::Container> containers = engine.containers().list(filter);
    std::sort(containers.begin(), containers.end(), byServiceAndNumber);
    return containers;
}

ObservedProject observe(engine::Engine& engine, const std::string& project, const std::vector<std::string>& references) {
    ObservedProject result;
    result.containers = containersOf(engine, project);
    for (engine::Container& container : result.containers)
        if (!container.spec.files.empty()) container.spec.files = engine.containers().configsAndSecrets(container);
    for (engine::Network& network : engine.networks().list()) {
        std::string name = network.spec.name;
        result.networks.emplace(std::move(name), std::move(network));
    }
    for (engine::Volume& volume : engine.volumes().list()) {
        std::string name = volume.spec.name;
        result.volumes.emplace(std::move(name), std::move(volume));
    }
    for (const std::string& reference : references) {
        if (result.images.contains(reference)) continue;
        if (const auto image = engine.images().find(reference)) result.images.emplace(reference, image->id);
    }
    return result;
}

std::string labelOf(const engine::Container& container, const char* name) {
    const auto found = container.spec.labels.find(name);
    return found == container.spec.labels.end() ? std::string() : found->second;
}

std::string serviceOf(const engine::Container& container) { return labelOf(container, label::service); }

int numberOf(const engine::Container& container) {
    const std::string text = labelOf(container, label::number);
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

bool isOneOff(const engine::Container& container) { return labelOf(container, label::oneOff) == "True"; }

bool isActive(const engine::Container& container) { return engine::isUp(container.state); }

bool hasEnded(const engine::Container& container) {
    return container.state.status == engine::Status::Exited || container.state.status == engine::Status::Dead;
}

std::vector<LabelDependency> dependenciesOf(const engine::Container& container) {
    const std::string text = labelOf(container, label::dependsOn);
    std::vector<LabelDependency> result;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::string entry = text.substr(begin, end - begin);
        LabelDependency dependency{entry.substr(0, entry.find(':')), compose::Condition::Started, entry.ends_with(":true")};
        if (entry.find(":service_healthy") != std::string::npos) dependency.condition = compose::Condition::Healthy;
        if (entry.find(":service_completed") != std::string::npos) dependency.condition = compose::Condition::CompletedSuccessfully;
        result.push_back(std::move(dependency));
        begin = end + 1;
    }
    return result;
}

bool byServiceAndNumber(const engine::Container& left, const engine::Container& right) {
    return std::make_tuple(serviceOf(left), numberOf(left), left.name) < std::make_tuple(serviceOf(right), numberOf(right), right.name);
}

}  // namespace devc::app

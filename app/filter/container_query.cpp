#include "app/filter/container_query.h"

#include <algorithm>

#include "app/filter/name_pattern.h"
#include "engine/container/containers.h"
#include "engine/error.h"
#include "engine/image/images.h"

namespace devc::app {
namespace {

using engine::Container;
using engine::Error;
using engine::Status;

bool isStatus(std::string_view text) {
    for (const Status status : {Status::Created, Status::Running, Status::Paused, Status::Restarting, Status::Removing, Status::Exited, Status::Dead})
        if (nameOf(status) == text) return true;
    return false;
}

std::string healthName(const Container& c) { return c.state.health == engine::HealthStatus::None ? "none" : std::string(nameOf(c.state.health)); }

bool descends(const Container& c, const std::string& image) {
    const std::string id = c.spec.imageId.substr(c.spec.imageId.find(':') + 1);
    if (c.spec.imageId == image || (image.size() >= 4 && id.starts_with(image))) return true;
    try {
        return engine::Reference::parse(c.spec.image).normalized() == engine::Reference::parse(image).normalized();
    } catch (const Error&) {
        return false;  // the container was made from an id
    }
}

bool isOn(const Container& c, const std::string& network) {
    if (c.endpoints.empty()) return c.spec.networkMode == network;
    return std::any_of(c.endpoints.begin(), c.endpoints.end(), [&](const engine::EndpointInfo& e) { return e.networkName == network || e.networkId.starts_with(network); });
}

bool mounts(const Container& c, const std::string& volume) {
    return std::any_of(c.spec.mounts.begin(), c.spec.mounts.end(), [&](const engine::MountSpec& m) { return m.source == volume || m.target == volume; });
}

std::pair<std::string, std::string> portOf(const std::string& text) {
    const std::size_t slash = text.find('/');
    return {text.substr(0, slash), slash == std::string::npos ? "tcp" : text.substr(slash + 1)};
}

bool publishes(const Container& c, const std::string& text) {
    const auto [number, protocol] = portOf(text);
    for (const engine::EndpointInfo& endpoint : c.endpoints)
        for (const engine::PortBinding& port : endpoint.published)
            if (port.protocol == protocol && std::to_string(port.hostPort) == number) return true;
    return false;
}

bool exposes(const Container& c, const std::string& text) {
    const auto [number, protocol] = portOf(text);
    const std::string wanted = number + "/" + protocol;
    const auto& ports = c.spec.ports;
    return std::find(c.spec.exposed.begin(), c.spec.exposed.end(), wanted) != c.spec.exposed.end() ||
           std::any_of(ports.begin(), ports.end(), [&](const engine::PortBinding& p) { return fmt::format("{}/{}", p.containerPort, p.protocol) == wanted; });
}

}  // namespace

ContainerQuery::ContainerQuery(const std::vector<std::string>& texts, const std::function<std::string(const std::string&)>& createdOf)
    : filters_(texts, {"ancestor", "before", "exited", "expose", "health", "id", "is-task", "label", "name", "network", "publish", "since", "status",
                       "volume"}) {
    for (const std::string& status : filters_.values("status"))
        if (!isStatus(status)) throw Error::of("invalid filter 'status={}'", status);
    for (const std::string& name : filters_.values("before")) before_.push_back(createdOf(name));
    for (const std::string& name : filters_.values("since")) since_.push_back(createdOf(name));
}

bool ContainerQuery::looksAtAll() const {
    return filters_.asksFor("status") || filters_.asksFor("exited") || filters_.asksFor("before") || filters_.asksFor("since");
}

bool ContainerQuery::accepts(const Container& c) const {
    return filters_.any("id", [&](const std::string& id) { return c.id.starts_with(id); }) &&
           filters_.any("name", [&](const std::string& name) { return isNamed(c.name, name); }) &&
           filters_.acceptLabels(c.spec.labels) &&
           filters_.any("status", [&](const std::string& status) { return status == nameOf(c.state.status); }) &&
           filters_.any("exited", [&](const std::string& code) { return c.state.status == Status::Exited && std::to_string(c.state.exitCode) == code; }) &&
           filters_.any("health", [&](const std::string& health) { return health == healthName(c); }) &&
           filters_.any("ancestor", [&](const std::string& image) { return descends(c, image); }) &&
           filters_.any("network", [&](const std::string& network) { return isOn(c, network); }) &&
           filters_.any("volume", [&](const std::string& volume) { return mounts(c, volume); }) &&
           filters_.any("publish", [&](const std::string& port) { return publishes(c, port); }) &&
           filters_.any("expose", [&](const std::string& port) { return exposes(c, port); }) &&
           std::all_of(before_.begin(), before_.end(), [&](const std::string& time) { return c.created < time; }) &&
           std::all_of(since_.begin(), since_.end(), [&](const std::string& time) { return c.created > time; });
}

}  // namespace devc::app

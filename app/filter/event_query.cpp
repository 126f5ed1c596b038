#include "app/filter/event_query.h"

#include "engine/event/events.h"

namespace devc::app {
namespace {

using engine::Event;

std::string attribute(const Event& event, const char* key) {
    const auto found = event.attributes.find(key);
    return found == event.attributes.end() ? "" : found->second;
}

bool isOf(const Event& event, const std::string& name) {
    return attribute(event, "name") == name || (!name.empty() && event.id.starts_with(name));
}

bool isImage(const Event& event, const std::string& name) {
    if (event.type == "image") return isOf(event, name);
    const std::string image = attribute(event, "image");
    return image == name || image.substr(0, image.rfind(':')) == name;
}

}  // namespace

EventQuery::EventQuery(const std::vector<std::string>& texts)
    : filters_(texts, {"container", "event", "image", "label", "network", "type", "volume", "scope", "daemon"}) {}

bool EventQuery::accepts(const Event& event) const {
    const auto object = [&](const char* type) {
        return filters_.any(type, [&](const std::string& name) { return event.type == type && isOf(event, name); });
    };
    return object("container") && object("network") && object("volume") &&
           filters_.any("type", [&](const std::string& type) { return event.type == type; }) &&
           filters_.any("event", [&](const std::string& name) { return event.action == name || event.action.starts_with(name + ":"); }) &&
           filters_.any("image", [&](const std::string& name) { return isImage(event, name); }) &&
           filters_.acceptLabels(event.attributes);
}

}  // namespace devc::app

#include "compose/normalize.h"

#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "compose/model/service_reference.h"
#include "compose/paths.h"

namespace devc::compose {
namespace {

bool hasNetworks(const Node& service) {
    const Node* networks = service.find("networks");
    return networks && !networks->entries.empty();
}

/// A service without any network is on the default one.
bool joinDefaultNetwork(Node& service) {
    if (service.find("provider") || service.find("network_mode")) return false;
    if (hasNetworks(service)) return service.find("networks")->find("default") != nullptr;
    Node networks = Node::map(service.at);
    networks.set("default", Node::null(service.at));
    service.set("networks", std::move(networks));
    return true;
}

void addDependency(Node& service, std::string_view on, bool restart, Position at) {
    Node* all = service.find("depends_on");
    if (!all) all = &service.set("depends_on", Node::map(at));
    if (!all->isMap() || all->find(on)) return;
    Node dependency = Node::map(at);
    dependency.set("condition", Node::string("service_started", at));
    dependency.set("restart", Node::boolean(restart, at));
    dependency.set("required", Node::boolean(true, at));
    all->set(on, std::move(dependency));
}

void addImplicitDependencies(Node& service) {
    if (Node* links = service.find("links")) {
        for (const Entry& entry : links->entries) {
            std::string text = entry.value.scalarText();
            bool alias = std::count(text.begin(), text.end(), ':') == 1;
            addDependency(service, alias ? text.substr(0, text.find(':')) : text, true, entry.at);
        }
    }
    static constexpr std::array<std::string_view, 5> namespaces = {"network_mode", "ipc", "pid", "uts", "cgroup"};
    for (std::string_view name : namespaces) {
        const Node* value = service.find(name);
        if (!value || !value->isString()) continue;
        if (const auto other = referencedService(value->text)) addDependency(service, *other, true, Position(value->at));
    }
    if (Node* from = service.find("volumes_from")) {
        for (const Entry& entry : from->entries) {
            std::string text = entry.value.scalarText();
            if (!text.starts_with("container:")) addDependency(service, text.substr(0, text.find(':')), false, entry.at);
        }
    }
}

/// Arguments without a value take it from the environment, or go.
void resolveArguments(Node& arguments, const StringMap& environment) {
    std::vector<Entry> kept;
    for (Entry& entry : arguments.entries) {
        bool list = arguments.isList();
        bool bare = list ? entry.value.text.find('=') == std::string::npos : entry.value.isNull();
        if (!bare) {
            kept.push_back(std::move(entry));
            continue;
        }
        auto found = environment.find(list ? entry.value.text : entry.key);
        if (found == environment.end()) continue;
        entry.value = Node::string(list ? found->first + "=" + found->second : found->second, entry.value.at);
        kept.push_back(std::move(entry));
    }
    arguments.entries = std::move(kept);
}

void normalizeBuild(Node& service, const StringMap& environment) {
    Node* build = service.find("build");
    if (!build || !build->isMap()) return;
    if (!build->find("dockerfile") && !build->find("dockerfile_inline")) build->set("dockerfile", Node::string("Dockerfile", build->at));
    if (Node* arguments = build->find("args")) resolveArguments(*arguments, environment);
}

void cleanTargets(Node& service) {
    Node* volumes = service.find("volumes");
    if (!volumes) return;
    for (Entry& entry : volumes->entries) {
        Node* target = entry.value.find("target");
        if (target && target->isString()) target->text = joinPath({}, target->text);
    }
}

/// A container of pre_start that names no image is of the service's.
void inheritImage(Node& service) {
    Node* hooks = service.find("pre_start");
    const Node* image = service.find("image");
    if (!hooks || !image || !image->isString() || image->text.empty()) return;
    for (Entry& hook : hooks->entries) {
        if (hook.value.isMap() && !hook.value.find("image")) hook.value.set("image", *image);
    }
}

void normalizeService(Node& service, const StringMap& environment) {
    normalizeBuild(service, environment);
    addImplicitDependencies(service);
    cleanTargets(service);
    inheritImage(service);
    if (Node* policy = service.find("pull_policy"); policy && policy->isString() && policy->text == "if_not_present") {
        policy->text = "missing";
    }
}

void nameResources(Node& document, const std::string& projectName) {
    for (std::string_view section : {"networks", "volumes", "configs", "secrets"}) {
        Node* resources = document.find(section);
        if (!resources || !resources->isMap()) continue;
        for (Entry& entry : resources->entries) {
            if (entry.value.isNull()) entry.value = Node::map(entry.at);
            if (!entry.value.isMap() || entry.value.find("name")) continue;
            const Node* external = entry.value.find("external");
            std::string name = external && external->isTrue() ? entry.key : projectName + "_" + entry.key;
            entry.value.set("name", Node::string(name, entry.at));
        }
    }
}

void checkExternal(const std::string& path, const Node& resource, Problems& problems) {
    const Node* external = resource.find("external");
    if (!external || !external->isTrue()) return;
    for (const Entry& entry : resource.entries) {
        if (entry.key == "name" || entry.key == "external" || entry.key.starts_with("x-")) continue;
        problems.add(entry.at, fmt::format("{}: conflicting parameters \"external\" and \"{}\" specified", path, entry.key));
    }
}

void checkFileObject(const std::string& path, const Node& resource, std::initializer_list<std::string_view> sources, Problems& problems) {
    if (!resource.isMap()) return;
    std::string listed;
    int count = 0;
    for (std::string_view source : sources) {
        listed += (listed.empty() ? "" : "|") + std::string(source);
        if (resource.find(source)) ++count;
    }
    if (count > 1) {
        problems.add(resource.at, fmt::format("{}: {} attributes are mutually exclusive", path, listed));
    } else if (count == 0 && !resource.find("driver")) {
        const Node* external = resource.find("external");
        if (!external || !external->isTrue()) problems.add(resource.at, fmt::format("{}: one of {} must be set", path, listed));
    }
}

bool isAddress(const std::string& text) {
    unsigned char buffer[16];
    return inet_pton(AF_INET, text.c_str(), buffer) == 1 || inet_pton(AF_INET6, text.c_str(), buffer) == 1;
}

void checkDeviceRequests(const std::string& path, const Node* list, Problems& problems) {
    if (!list) return;
    for (const Entry& entry : list->entries) {
        if (entry.value.find("count") && entry.value.find("device_ids")) {
            problems.add(entry.at, fmt::format("{}: \"count\" and \"device_ids\" attributes are exclusive", path));
        }
    }
}

void checkService(const std::string& path, const Node& service, Problems& problems) {
    if (const Node* ports = service.find("ports")) {
        for (const Entry& entry : ports->entries) {
            const Node* found = entry.value.find("host_ip");
            if (!found) continue;
            std::string address = found->scalarText();
            if (address.find('$') == std::string::npos && !isAddress(address)) {
                problems.add(entry.at, fmt::format("{}.ports: invalid ip address: {}", path, address));
            }
        }
    }
    checkDeviceRequests(path + ".gpus", service.find("gpus"), problems);
    if (const Node* deploy = service.find("deploy")) {
        const Node* resources = deploy->find("resources");
        const Node* reservations = resources ? resources->find("reservations") : nullptr;
        if (reservations) checkDeviceRequests(path + ".deploy.resources.reservations.devices", reservations->find("devices"), problems);
    }
    const Node* develop = service.find("develop");
    const Node* watch = develop ? develop->find("watch") : nullptr;
    if (!watch) return;
    for (const Entry& entry : watch->entries) {
        const Node* watched = entry.value.find("path");
        if (watched && watched->isString() && watched->text.empty()) {
            problems.add(watched->at, fmt::format("{}.develop.watch: path can't be blank", path));
        }
    }
}

}  // namespace

void setDefaults(Node& document) {
    Node* services = document.find("services");
    if (!services) return;
    for (Entry& entry : services->entries) {
        Node* build = entry.value.find("build");
        if (build && build->isMap() && !build->find("context")) build->set("context", Node::string(".", build->at));
    }
}

void normalize(Node& document, const std::string& projectName, const StringMap& environment) {
    document.set("name", Node::string(projectName));
    bool usesDefault = false;
    if (Node* services = document.find("services")) {
        for (Entry& entry : services->entries) {
            if (!entry.value.isMap()) continue;
            usesDefault = joinDefaultNetwork(entry.value) || usesDefault;
            normalizeService(entry.value, environment);
        }
    }
    if (usesDefault) {
        Node* networks = document.find("networks");
        if (!networks || !networks->isMap()) networks = &document.set("networks", Node::map());
        if (!networks->find("default")) networks->set("default", Node::map());
    }
    nameResources(document, projectName);
}

void validate(const Node& document, Problems& problems) {
    auto each = [&](std::string_view section, auto&& rule) {
        const Node* found = document.find(section);
        if (!found) return;
        for (const Entry& entry : found->entries) rule(fmt::format("{}.{}", section, entry.key), entry.value);
    };
    each("volumes", [&](const std::string& path, const Node& node) { checkExternal(path, node, problems); });
    each("configs", [&](const std::string& path, const Node& node) { checkFileObject(path, node, {"file", "environment", "content"}, problems); });
    each("secrets", [&](const std::string& path, const Node& node) { checkFileObject(path, node, {"file", "environment"}, problems); });
    each("services", [&](const std::string& path, const Node& node) { checkService(path, node, problems); });
}

}  // namespace devc::compose

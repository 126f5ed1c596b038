#include "compose/graph.h"

#include <algorithm>

#include <fmt/format.h>

#include "compose/problems.h"

namespace devc::compose {
namespace {

using Edges = std::map<std::string, std::set<std::string>>;

std::set<std::string> closure(const Edges& edges, const std::set<std::string>& from) {
    std::set<std::string> reached;
    StringList open(from.begin(), from.end());
    while (!open.empty()) {
        std::string name = std::move(open.back());
        open.pop_back();
        auto found = edges.find(name);
        if (found == edges.end() || !reached.insert(name).second) continue;
        open.insert(open.end(), found->second.begin(), found->second.end());
    }
    return reached;
}

const std::set<std::string>& neighbours(const Edges& edges, const std::string& service) {
    static const std::set<std::string> none;
    auto found = edges.find(service);
    return found == edges.end() ? none : found->second;
}

}  // namespace

Graph::Graph(const Project& project) {
    for (const auto& [name, service] : project.services) {
        dependencies_[name];
        dependents_[name];
    }
    for (const auto& [name, service] : project.services) {
        for (const auto& [other, dependency] : service.dependsOn) {
            if (!project.services.contains(other)) continue;
            dependencies_[name].insert(other);
            dependents_[other].insert(name);
        }
    }
}

std::vector<StringList> Graph::waves() const {
    std::map<std::string, std::size_t> missing;
    StringList ready;
    for (const auto& [name, edges] : dependencies_) {
        missing[name] = edges.size();
        if (edges.empty()) ready.push_back(name);
    }
    std::vector<StringList> all;
    while (!ready.empty()) {
        StringList next;
        for (const std::string& name : ready) {
            for (const std::string& dependent : dependents_.at(name)) {
                if (--missing[dependent] == 0) next.push_back(dependent);
            }
        }
        std::sort(next.begin(), next.end());
        all.push_back(std::move(ready));
        ready = std::move(next);
    }
    return all;
}

StringList Graph::order() const {
    StringList order;
    for (StringList& wave : waves()) order.insert(order.end(), wave.begin(), wave.end());
    return order;
}

StringList Graph::cycle() const {
    std::set<std::string> ordered;
    for (const std::string& name : order()) ordered.insert(name);
    if (ordered.size() == dependencies_.size()) return {};
    // Every service that is not ordered depends on another such one: following them must come to a cycle.
    StringList path;
    std::string current;
    for (const auto& [name, edges] : dependencies_) {
        if (!ordered.contains(name)) {
            current = name;
            break;
        }
    }
    std::map<std::string, std::size_t> places;
    while (true) {
        auto [seen, fresh] = places.try_emplace(current, path.size());
        if (!fresh) {
            path.erase(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(seen->second));
            path.push_back(current);
            return path;
        }
        path.push_back(current);
        for (const std::string& next : dependencies_.at(current)) {
            if (ordered.contains(next)) continue;
            current = next;
            break;
        }
    }
}

std::set<std::string> Graph::withDependencies(const std::set<std::string>& services) const { return closure(dependencies_, services); }
std::set<std::string> Graph::withDependents(const std::set<std::string>& services) const { return closure(dependents_, services); }
const std::set<std::string>& Graph::dependenciesOf(const std::string& service) const { return neighbours(dependencies_, service); }
const std::set<std::string>& Graph::dependentsOf(const std::string& service) const { return neighbours(dependents_, service); }

namespace {

/// With what it depends on.
void enable(Project& project, const std::string& name) {
    StringList open = {name};
    while (!open.empty()) {
        auto found = project.disabledServices.find(open.back());
        open.pop_back();
        if (found == project.disabledServices.end()) continue;
        for (const auto& [other, dependency] : found->second.dependsOn) {
            if (dependency.required) open.push_back(other);
        }
        project.services.insert(project.disabledServices.extract(found));
    }
}

template <typename Map>
void keepOnly(Map& map, const std::set<std::string>& used) {
    std::erase_if(map, [&](const auto& item) { return !used.contains(item.first); });
}

void dropUnused(Project& project) {
    if (project.allResources) return;
    std::set<std::string> networks, volumes, configs, secrets, models;
    for (const auto& [name, service] : project.services) {
        for (const auto& [network, attachment] : service.networks) networks.insert(network);
        for (const Mount& mount : service.mounts) {
            if (mount.type == MountType::Volume) volumes.insert(mount.source);
        }
        for (const FileReference& config : service.configs) configs.insert(config.source);
        for (const FileReference& secret : service.secrets) secrets.insert(secret.source);
        for (const auto& [model, binding] : service.models) models.insert(model);
        if (!service.build) continue;
        for (const FileReference& secret : service.build->secrets) secrets.insert(secret.source);
    }
    keepOnly(project.networks, networks);
    keepOnly(project.volumes, volumes);
    keepOnly(project.configs, configs);
    keepOnly(project.secrets, secrets);
    keepOnly(project.models, models);
}

}  // namespace

Project select(Project selected, const StringList& services, bool withDependencies) {
    if (services.empty()) {
        dropUnused(selected);
        return selected;
    }
    for (const std::string& name : services) {
        if (selected.services.contains(name) || selected.disabledServices.contains(name)) {
            enable(selected, name);
            continue;
        }
        std::vector<std::string_view> names;
        for (const auto& [known, service] : selected.services) names.push_back(known);
        for (const auto& [known, service] : selected.disabledServices) names.push_back(known);
        throw LoadError(fmt::format("no such service: {}", name), didYouMean(name, names));
    }
    std::set<std::string> wanted(services.begin(), services.end());
    if (withDependencies) wanted = Graph(selected).withDependencies(wanted);
    for (auto service = selected.services.begin(); service != selected.services.end();) {
        auto next = std::next(service);
        if (!wanted.contains(service->first)) selected.disabledServices.insert(selected.services.extract(service));
        service = next;
    }
    for (auto& [name, service] : selected.services) {
        std::erase_if(service.dependsOn, [&](const auto& entry) { return !entry.second.required && !selected.services.contains(entry.first); });
    }
    dropUnused(selected);
    return selected;
}

}  // namespace devc::compose

#include "app/project/plan.h"

#include <functional>

#include "app/project/labels.h"

namespace devc::app {
namespace {

/// Services that depend, directly or not, on others: service -> dependents.
std::map<std::string, std::set<std::string>> dependentsOf(const std::vector<const engine::Container*>& containers) {
    std::map<std::string, std::set<std::string>> result;
    for (const engine::Container* container : containers)
        if (!isOneOff(*container))
            for (const LabelDependency& dependency : dependenciesOf(*container))
                if (dependency.service != serviceOf(*container)) result[dependency.service].insert(serviceOf(*container));
    return result;
}

bool belongsTo(const std::map<std::string, std::string>& labels, const std::string& project) {
    const auto found = labels.find(label::project);
    return found != labels.end() && found->second == project;
}

bool isChosen(const engine::Container& container, const DownOptions& options) {
    const std::string service = serviceOf(container);
    const bool inScope = options.services.empty() ? !options.hasFile || options.active.contains(service) : options.services.contains(service);
    if (isOneOff(container)) return options.removeOrphans && (inScope || hasEnded(container));
    return inScope || (options.removeOrphans && options.services.empty() && !options.inactive.contains(service));
}

/// Whether a network or volume is removed with the containers.
bool goes(const std::string& name, const std::map<std::string, std::string>& labels, const std::string& project, const DownOptions& options) {
    if (!belongsTo(labels, project) || options.kept.contains(name)) return false;
    return options.services.empty() || !options.hasFile || options.used.contains(name);
}

void removeNetworks(ActionGraph& graph, const std::string& project, const ObservedProject& observed, const DownOptions& options,
                    const std::vector<std::size_t>& after) {
    for (const auto& [name, network] : observed.networks) {
        if (!goes(name, network.spec.labels, project, options)) continue;
        Action action;
        action.step = Step::RemoveNetwork;
        action.subject = name;
        action.id = network.id;
        action.reason = "the project goes";
        action.after = after;
        graph.add(std::move(action));
    }
}

void removeVolumes(ActionGraph& graph, const std::string& project, const ObservedProject& observed, const DownOptions& options,
                   const std::vector<std::size_t>& after) {
    for (const auto& [name, volume] : observed.volumes) {
        if (volume.anonymous || !goes(name, volume.spec.labels, project, options)) continue;
        Action action;
        action.step = Step::RemoveVolume;
        action.subject = name;
        action.reason = "asked for";
        action.after = after;
        graph.add(std::move(action));
    }
}

}  // namespace

std::map<std::string, std::size_t> planStops(ActionGraph& graph, const std::vector<const engine::Container*>& containers,
                                             const std::optional<engine::Nanoseconds>& timeout, const std::string& reason) {
    std::map<std::string, std::size_t> stops;
    std::map<std::string, std::vector<std::size_t>> ofService;
    for (const engine::Container* container : containers) {
        if (!isActive(*container)) continue;
        Action action;
        action.step = Step::StopContainer;
        action.subject = container->name;
        action.id = container->id;
        action.service = serviceOf(*container);
        action.reason = reason;
        action.timeout = timeout;
        const std::size_t index = graph.add(std::move(action));
        stops.emplace(container->id, index);
        if (!isOneOff(*container)) ofService[serviceOf(*container)].push_back(index);
    }
    // Labels can be of different times and then form a cycle: an edge is made only towards services not above.
    const auto dependents = dependentsOf(containers);
    const std::function<bool(const std::string&, const std::string&, std::set<std::string>&)> reaches =
        [&](const std::string& from, const std::string& to, std::set<std::string>& seen) {
            if (from == to) return true;
            if (!seen.insert(from).second) return false;
            const auto found = dependents.find(from);
            if (found == dependents.end()) return false;
            for (const std::string& next : found->second)
                if (reaches(next, to, seen)) return true;
            return false;
        };
    for (const auto& [service, indices] : ofService) {
        const auto found = dependents.find(service);
        if (found == dependents.end()) continue;
        for (const std::string& dependent : found->second) {
            std::set<std::string> seen;
            if (reaches(dependent, service, seen) && dependent > service) continue;
            const auto earlier = ofService.find(dependent);
            if (earlier == ofService.end()) continue;
            for (const std::size_t index : indices)
                graph.actions[index].after.insert(graph.actions[index].after.end(), earlier->second.begin(), earlier->second.end());
        }
    }
    return stops;
}

ActionGraph planDown(const std::string& project, const ObservedProject& observed, const DownOptions& options) {
    ActionGraph graph;
    std::vector<const engine::Container*> chosen;
    Action remove;
    remove.step = Step::RemoveContainers;
    remove.reason = "the project goes";
    remove.removeVolumes = options.volumes;
    for (const engine::Container& container : observed.containers) {
        if (!isChosen(container, options)) continue;
        chosen.push_back(&container);
        remove.containers.push_back(container.id);
        remove.names.push_back(container.name);
    }
    for (const auto& [id, index] : planStops(graph, chosen, options.timeout, remove.reason)) remove.after.push_back(index);
    std::vector<std::size_t> after;
    if (!remove.containers.empty()) after.push_back(graph.add(std::move(remove)));
    removeNetworks(graph, project, observed, options, after);
    if (options.volumes) removeVolumes(graph, project, observed, options, after);
    return graph;
}

}  // namespace devc::app

#include "app/project/plan.h"

#include <algorithm>

namespace devc::app {
namespace {

/// Orders starts by the labels of containers, which may be of different times: a cycle loses the edge that closes it.
class StartPlanner {
public:
    StartPlanner(ActionGraph& graph, const std::vector<const engine::Container*>& containers,
                 const std::map<std::string, std::size_t>& stops, const std::string& reason, const std::set<std::string>& preStart)
        : graph_(graph), stops_(stops), reason_(reason), preStart_(preStart) {
        for (const engine::Container* container : containers) services_[serviceOf(*container)].push_back(container);
    }

    void run() {
        std::set<std::string> open, done;
        for (const auto& [service, containers] : services_) visit(service, open, done);
        prepare();
        for (const std::string& service : order_) {
            const std::optional<std::size_t> before = preStart(service);
            for (const engine::Container* container : services_.at(service))
                if (starts(*container)) start(*container, before);
        }
    }

private:
    bool starts(const engine::Container& container) const { return stops_.contains(container.id) || !isActive(container); }

    void visit(const std::string& service, std::set<std::string>& open, std::set<std::string>& done) {
        if (done.contains(service) || !open.insert(service).second) return;
        bool waits = preStart_.contains(service);
        for (const LabelDependency& dependency : dependenciesOf(*services_.at(service).front())) {
            if (!services_.contains(dependency.service) || open.contains(dependency.service)) continue;
            visit(dependency.service, open, done);
            edges_[service].push_back(dependency);
            waits = waits || dependency.condition != compose::Condition::Started || waiting_.contains(dependency.service);
        }
        if (waits) waiting_.insert(service);
        open.erase(service);
        done.insert(service);
        order_.push_back(service);
    }

    void prepare() {
        Action action;
        action.step = Step::PrepareStart;
        action.reason = "they start";
        for (const std::string& service : order_)
            for (const engine::Container* container : services_.at(service)) {
                if (!starts(*container) || waiting_.contains(service)) continue;
                action.containers.push_back(container->id);
                if (const auto stop = stops_.find(container->id); stop != stops_.end()) action.after.push_back(stop->second);
            }
        if (!action.containers.empty()) prepared_ = graph_.add(std::move(action));
    }

    std::optional<std::size_t> preStart(const std::string& service) {
        const std::vector<const engine::Container*>& containers = services_.at(service);
        if (!preStart_.contains(service) || !std::all_of(containers.begin(), containers.end(), [this](const auto* container) { return starts(*container); }))
            return std::nullopt;
        Action action;
        action.step = Step::RunPreStart;
        action.service = action.subject = service;
        action.reason = "its containers start";
        action.containers = {(*std::min_element(containers.begin(), containers.end(), [](const auto* one, const auto* other) { return numberOf(*one) < numberOf(*other); }))->id};
        for (const engine::Container* container : containers)
            if (const auto stop = stops_.find(container->id); stop != stops_.end()) action.after.push_back(stop->second);
        addDependencies(service, action);
        return graph_.add(std::move(action));
    }

    void start(const engine::Container& container, std::optional<std::size_t> before) {
        const std::string service = serviceOf(container);
        Action action;
        action.step = Step::StartContainer;
        action.subject = container.name;
        action.id = container.id;
        action.service = service;
        action.reason = reason_;
        if (const auto stop = stops_.find(container.id); stop != stops_.end()) action.after.push_back(stop->second);
        if (prepared_ && !waiting_.contains(service)) action.after.push_back(*prepared_);
        if (before) action.after.push_back(*before);
        else addDependencies(service, action);
        started_[service].push_back(graph_.add(std::move(action)));
    }

    void addDependencies(const std::string& service, Action& action) {
        for (const LabelDependency& dependency : edges_[service]) {
            if (dependency.condition != compose::Condition::Started) action.after.push_back(await(dependency));
            else action.after.insert(action.after.end(), started_[dependency.service].begin(), started_[dependency.service].end());
        }
    }

    std::size_t await(const LabelDependency& dependency) {
        const auto key = std::make_pair(dependency.service, dependency.condition);
        if (const auto known = awaits_.find(key); known != awaits_.end()) return known->second;
        Action action;
        action.step = Step::Await;
        action.subject = action.service = dependency.service;
        action.condition = dependency.condition;
        action.reason = "others depend on it";
        action.after = started_[dependency.service];
        for (const engine::Container* container : services_.at(dependency.service)) {
            action.containers.push_back(container->id);
            action.names.push_back(container->name);
        }
        const std::size_t index = graph_.add(std::move(action));
        awaits_.emplace(key, index);
        return index;
    }

    ActionGraph& graph_;
    const std::map<std::string, std::size_t>& stops_;
    const std::string& reason_;
    const std::set<std::string>& preStart_;
    std::map<std::string, std::vector<const engine::Container*>> services_;
    std::vector<std::string> order_;
    std::map<std::string, std::vector<LabelDependency>> edges_;
    std::set<std::string> waiting_;  ///< services that start only after a condition
    std::optional<std::size_t> prepared_;
    std::map<std::string, std::vector<std::size_t>> started_;
    std::map<std::pair<std::string, compose::Condition>, std::size_t> awaits_;
};

}  // namespace

void planStarts(ActionGraph& graph, const std::vector<const engine::Container*>& containers,
                const std::map<std::string, std::size_t>& stops, const std::string& reason, const std::set<std::string>& preStart) {
    StartPlanner(graph, containers, stops, reason, preStart).run();
}

ActionGraph planRestart(const std::vector<engine::Container>& containers, std::set<std::string> services, bool dependents,
                        const std::optional<engine::Nanoseconds>& timeout, const std::string& reason) {
    for (bool grew = dependents; grew;) {
        grew = false;
        for (const engine::Container& container : containers)
            for (const LabelDependency& dependency : dependenciesOf(container))
                if (dependency.restart && services.contains(dependency.service) && isActive(container)) grew = services.insert(serviceOf(container)).second || grew;
    }
    std::vector<const engine::Container*> chosen;
    for (const engine::Container& container : containers)
        if (services.contains(serviceOf(container))) chosen.push_back(&container);
    ActionGraph graph;
    const auto stops = planStops(graph, chosen, timeout, reason);
    planStarts(graph, chosen, stops, reason);
    return graph;
}

}  // namespace devc::app

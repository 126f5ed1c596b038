#include "app/project/plan.h"

#include <algorithm>
#include <functional>

#include "app/project/labels.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using engine::Error;

/// A container as the plan leaves it.
struct Replica {
    const engine::Container* existing = nullptr;  ///< nullptr: it is new
    int number = 0;
    std::string reason;      ///< why it is made or made anew; empty: it stays
    bool restarts = false;   ///< stays, but is stopped and started because of what it depends on
    std::string restartReason;
    std::optional<std::size_t> stop, create, start;

    bool created() const { return !reason.empty(); }
    bool starts() const { return created() || restarts || !isActive(*existing) || existing->state.stopping; }
};

class Planner {
public:
    Planner(const DesiredProject& desired, const ObservedProject& observed, const PlanOptions& options)
        : desired_(desired), observed_(observed), options_(options) {}

    ActionGraph run() {
        order();
        networks();
        volumes();
        for (const std::string& service : order_) decide(desired_.services.at(service));
        orphans();
        stops();
        refuseToTakeNetworks();
        removals();
        networkChanges();
        volumeChanges();
        for (const std::string& service : order_) creations(desired_.services.at(service));
        if (options_.start) starts();
        return std::move(graph_);
    }

private:
    std::set<std::string> needs(const DesiredService& service) const {
        std::set<std::string> result;
        for (const auto& [name, dependency] : service.dependsOn)
            if (desired_.services.contains(name)) result.insert(name);
        for (const std::string& name : service.shares)
            if (desired_.services.contains(name)) result.insert(name);
        return result;
    }

    /// Services so that each comes after what it needs. A cycle was refused when the file was loaded.
    void order() {
        std::set<std::string> seen;
        const std::function<void(const std::string&)> visit = [&](const std::string& name) {
            if (!seen.insert(name).second) return;
            for (const std::string& needed : needs(desired_.services.at(name))) visit(needed);
            order_.push_back(name);
        };
        for (const auto& [name, service] : desired_.services) visit(name);
    }

    void networks() {
        for (const auto& [key, network] : desired_.networks) {
            const auto found = observed_.networks.find(network.spec.name);
            if (network.external) {
                if (found == observed_.networks.end() && network.spec.name != "host" && network.spec.name != "none" && network.spec.name != "bridge")
                    throw Error::of("network {} declared as external, but could not be found", network.spec.name)
                        .hint("make it with `devc network create " + network.spec.name + "`");
                continue;
            }
            if (found == observed_.networks.end()) {
                networkStep_[key] = addNetwork(key, network, "new", {});
                continue;
            }
            const auto& labels = found->second.spec.labels;
            if (!isOurs("a network", network.spec.name, labels)) continue;
            const auto hash = labels.find(label::configHash);
            if (hash != labels.end() && hash->second != network.spec.labels.at(label::configHash)) changed_.insert(key);
        }
    }

    /// Whether a network or volume was made for this project; one that was not is used as it is, which is said.
    bool isOurs(const char* kind, const std::string& name, const std::map<std::string, std::string>& labels) {
        const auto owner = labels.find(label::project);
        if (owner != labels.end() && owner->second == desired_.name) return true;
        const std::string others = owner == labels.end() ? "" : fmt::format(" but for project \"{}\"", owner->second);
        graph_.warnings.push_back(fmt::format("{} with name {} exists but was not created for project \"{}\"{}. Set `external: true` to use an existing one",
                                              kind, name, desired_.name, others));
        return false;
    }

    std::size_t addNetwork(const std::string& key, const DesiredNetwork& network, const std::string& reason, std::vector<std::size_t> after) {
        Action action;
        action.step = Step::CreateNetwork;
        action.subject = network.spec.name;
        action.key = key;
        action.reason = reason;
        action.after = std::move(after);
        return graph_.add(std::move(action));
    }

    void volumes() {
        for (const auto& [key, volume] : desired_.volumes) {
            if (const auto found = observed_.volumes.find(volume.spec.name); found != observed_.volumes.end()) {
                if (!volume.external && isOurs("a volume", volume.spec.name, found->second.spec.labels) && differs(volume.spec, found->second.spec))
                    replaceOrKeep(key, volume.spec.name);
                continue;
            }
            if (volume.external)
                throw Error::of("external volume \"{}\" not found", volume.spec.name)
                    .hint("make it with `devc volume create " + volume.spec.name + "`");
            volumeSteps_.push_back(addVolume(key, volume.spec.name, "new", {}));
        }
    }

    std::size_t addVolume(const std::string& key, const std::string& name, const std::string& reason, std::vector<std::size_t> after) {
        Action action;
        action.step = Step::CreateVolume;
        action.subject = name;
        action.key = key;
        action.reason = reason;
        action.after = std::move(after);
        return graph_.add(std::move(action));
    }

    /// Whether the volume is another one than the file says.
    static bool differs(const engine::VolumeSpec& wanted, const engine::VolumeSpec& found) {
        const auto labelsOf = [](const engine::VolumeSpec& spec) {
            auto labels = spec.labels;
            labels.erase(label::version);
            return labels;
        };
        return wanted.driver != found.driver || wanted.driverOptions != found.driverOptions || labelsOf(wanted) != labelsOf(found);
    }

    static bool mounts(const engine::ContainerSpec& spec, const std::string& volume) {
        return std::any_of(spec.mounts.begin(), spec.mounts.end(), [&](const engine::MountSpec& mount) {
            return mount.type == engine::MountType::Volume && mount.source == volume;
        });
    }

    /// A volume is made anew, without its data, only where that was asked for and all that use it are made anew with it.
    void replaceOrKeep(const std::string& key, const std::string& name) {
        std::string remedy = options_.replaceVolumes ? "" : "`devc up -y` makes it anew, without its data";
        for (const engine::Container& container : observed_.containers)
            if (mounts(container.spec, name) && (isOneOff(container) || !desired_.services.contains(serviceOf(container))))
                remedy = fmt::format("{} uses it, which is not among what is started", container.name);
        if (remedy.empty()) changedVolumes_.emplace(key, name);
        else graph_.warnings.push_back(fmt::format("volume {} has another definition now and stays as it is: {}", name, remedy));
    }

    bool onChangedVolume(const engine::ContainerSpec& spec) const {
        return std::any_of(changedVolumes_.begin(), changedVolumes_.end(), [&](const auto& volume) { return mounts(spec, volume.second); });
    }

    /// False also where a network of that name was removed, and made again, while the container did not run.
    bool isConnected(const engine::Container& container, const std::string& name) const {
        if (name == "host" || name == "none") return true;
        const auto network = observed_.networks.find(name);
        return network != observed_.networks.end() &&
               std::any_of(container.endpoints.begin(), container.endpoints.end(),
                           [&](const engine::EndpointInfo& endpoint) { return endpoint.networkId == network->second.id; });
    }

    /// Why the container cannot stay; empty: it can.
    std::string changeOf(const DesiredService& service, const engine::Container& container, int number) const {
        const Recreate policy = service.selected ? options_.recreate : options_.recreateDependencies;
        for (const std::string& key : service.networks)
            if (changed_.contains(key)) return "network " + key + " changed";
        for (const auto& [key, name] : changedVolumes_)
            if (mounts(container.spec, name)) return "volume " + key + " changed";
        for (const std::string& shared : service.shares)
            if (recreated_.contains(shared)) return "uses the container of " + shared + ", which is made anew";
        if (policy == Recreate::Never) return {};
        if (policy == Recreate::Always) return "asked for";
        for (const std::string& key : service.networks)
            if (!isConnected(container, desired_.networks.at(key).spec.name)) return "it is not connected to network " + key;
        if (labelOf(container, label::configHash) != service.configHash) return "configuration changed";
        const auto image = observed_.images.find(service.image);
        if (image != observed_.images.end() && image->second != container.spec.imageId) return "image " + service.image + " changed";
        if (container.spec.files != service.spec.files) return "content of a config or secret changed";
        if (container.name != desired_.containerName(service, number)) return "its name changed";
        return {};
    }

    void decide(const DesiredService& service) {
        std::vector<const engine::Container*> existing;
        for (const engine::Container& container : observed_.containers)
            if (!isOneOff(container) && serviceOf(container) == service.name) existing.push_back(&container);
        std::sort(existing.begin(), existing.end(), [](const auto* left, const auto* right) { return byServiceAndNumber(*left, *right); });

        std::vector<Replica>& replicas = replicas_[service.name];
        std::set<int> taken;
        for (const engine::Container* container : existing) {
            const int number = numberOf(*container);
            const bool extra = static_cast<int>(replicas.size()) >= service.replicas;
            if (extra || !taken.insert(number).second) {
                remove(*container, extra ? fmt::format("scaled to {}", service.replicas) : "left by an interrupted command");
                continue;
            }
            Replica replica;
            replica.existing = container;
            replica.number = number;
            replica.reason = changeOf(service, *container, number);
            if (replica.created()) recreated_.insert(service.name);
            replicas.push_back(std::move(replica));
        }
        int number = 1;
        while (static_cast<int>(replicas.size()) < service.replicas) {
            while (taken.contains(number)) ++number;
            taken.insert(number);
            Replica replica;
            replica.number = number;
            replica.reason = "new";
            replicas.push_back(std::move(replica));
        }
        restartBecauseOfDependencies(service, replicas);
        for (const Replica& replica : replicas)
            if (!replica.starts()) graph_.kept.push_back(replica.existing->name);
    }

    void restartBecauseOfDependencies(const DesiredService& service, std::vector<Replica>& replicas) const {
        for (const auto& [name, dependency] : service.dependsOn) {
            if (!dependency.restart || !recreated_.contains(name)) continue;
            for (Replica& replica : replicas) {
                if (replica.created() || !isActive(*replica.existing)) continue;
                replica.restarts = true;
                replica.restartReason = name + " is made anew";
            }
        }
    }

    void remove(const engine::Container& container, const std::string& reason) {
        removed_.push_back(&container);
        removeReasons_[container.id] = reason;
    }

    /// Of services that the file does not have; of `run`, those that have ended.
    void orphans() {
        std::string names;
        for (const engine::Container& container : observed_.containers) {
            if (isOneOff(container) ? !hasEnded(container) : desired_.known.contains(serviceOf(container))) continue;
            if (options_.removeOrphans) {
                remove(container, isOneOff(container) ? "it ran once and has ended" : "its service is not in the file");
                continue;
            }
            if (!names.empty()) names += ", ";
            names += container.name;
        }
        if (!names.empty() && !options_.ignoreOrphans)
            graph_.warnings.push_back(fmt::format(
                "Found orphan containers ({}) for this project. If you removed or renamed this service in your compose file, "
                "you can run this command with the --remove-orphans flag to clean it up.", names));
    }

    /// Everything that must not run while its place is taken: dependents before what they depend on.
    void stops() {
        std::vector<const engine::Container*> stopping = removed_;
        for (const auto& [service, replicas] : replicas_)
            for (const Replica& replica : replicas)
                if (replica.existing != nullptr && (replica.created() || replica.restarts)) stopping.push_back(replica.existing);
        stops_ = planStops(graph_, stopping, options_.timeout, "");
        for (const engine::Container* container : removed_)
            if (const auto stop = stops_.find(container->id); stop != stops_.end())
                graph_.actions[stop->second].reason = removeReasons_.at(container->id);
        for (auto& [service, replicas] : replicas_)
            for (Replica& replica : replicas) {
                if (replica.existing == nullptr) continue;
                const auto stop = stops_.find(replica.existing->id);
                if (stop == stops_.end()) continue;
                replica.stop = stop->second;
                graph_.actions[stop->second].reason = replica.created() ? replica.reason : replica.restartReason;
            }
    }

    static bool uses(const engine::Container& container, const engine::Network& network) {
        return std::any_of(container.spec.networks.begin(), container.spec.networks.end(),
                           [&](const engine::NetworkAttachment& one) { return one.network == network.spec.name || one.network == network.id; });
    }

    /// A network is made anew only when all that use it are: what is not asked for now would lose it.
    void refuseToTakeNetworks() const {
        for (const std::string& key : changed_) {
            const engine::Network& network = observed_.networks.at(desired_.networks.at(key).spec.name);
            for (const engine::Container& container : observed_.containers) {
                if (uses(container, network) && isActive(container) && !stops_.contains(container.id))
                    throw Error::of("network {} has another definition now, but cannot be made anew: {} uses it", network.spec.name, container.name)
                        .hint("`devc up` of all services replaces it; orphans go with --remove-orphans");
            }
        }
    }

    bool onChangedNetwork(const DesiredService& service) const {
        return std::any_of(service.networks.begin(), service.networks.end(), [&](const std::string& key) { return changed_.contains(key); });
    }

    bool hasFixedAddress(const engine::Container& container) const {
        return std::any_of(container.spec.networks.begin(), container.spec.networks.end(),
                           [](const engine::NetworkAttachment& network) { return !network.ipv4.empty() || !network.ipv6.empty() || !network.mac.empty(); });
    }

    /// A container whose address, network or volume must be free before its successor is made goes first; others are replaced
    /// only when the successor exists, so that a killed command loses nothing.
    bool goesFirst(const DesiredService& service, const Replica& replica) const {
        return onChangedNetwork(service) || onChangedVolume(replica.existing->spec) || hasFixedAddress(*replica.existing);
    }

    void removals() {
        Action action;
        action.step = Step::RemoveContainers;
        const auto take = [&](const engine::Container& container, const std::string& reason) {
            action.containers.push_back(container.id);
            action.names.push_back(container.name);
            action.reason = reason;
            if (const auto stop = stops_.find(container.id); stop != stops_.end()) action.after.push_back(stop->second);
        };
        for (const engine::Container* container : removed_) take(*container, removeReasons_.at(container->id));
        for (const auto& [service, replicas] : replicas_)
            for (const Replica& replica : replicas)
                if (replica.existing != nullptr && replica.created() && goesFirst(desired_.services.at(service), replica))
                    take(*replica.existing, replica.reason);
        if (!action.containers.empty()) removal_ = graph_.add(std::move(action));
    }

    void networkChanges() {
        for (const std::string& key : changed_) {
            const DesiredNetwork& network = desired_.networks.at(key);
            Action action;
            action.step = Step::RemoveNetwork;
            action.subject = network.spec.name;
            action.id = observed_.networks.at(network.spec.name).id;
            action.reason = "its definition changed";
            if (removal_) action.after.push_back(*removal_);
            // Of services, too, that have left the network, and whose containers are removed later.
            for (const engine::Container& container : observed_.containers)
                if (const auto stop = stops_.find(container.id); stop != stops_.end() && uses(container, observed_.networks.at(network.spec.name)))
                    action.after.push_back(stop->second);
            const std::size_t removed = graph_.add(std::move(action));
            networkStep_[key] = addNetwork(key, network, "its definition changed", {removed});
        }
    }

    void volumeChanges() {
        for (const auto& [key, name] : changedVolumes_) {
            Action action;
            action.step = Step::RemoveVolume;
            action.subject = name;
            action.reason = "its definition changed";
            if (removal_) action.after.push_back(*removal_);
            const std::size_t removed = graph_.add(std::move(action));
            volumeSteps_.push_back(addVolume(key, name, "its definition changed", {removed}));
        }
    }

    std::map<std::string, std::string> inheritedBy(const Replica& replica) const {
        std::map<std::string, std::string> result;
        if (replica.existing == nullptr || options_.renewAnonymousVolumes) return result;
        for (const engine::MountSpec& mount : replica.existing->spec.mounts) {
            if (mount.type != engine::MountType::Volume || mount.source.empty()) continue;
            const auto volume = observed_.volumes.find(mount.source);
            if (volume != observed_.volumes.end() && volume->second.anonymous) result.emplace(mount.target, mount.source);
        }
        return result;
    }

    void creations(const DesiredService& service) {
        for (Replica& replica : replicas_.at(service.name)) {
            if (!replica.created()) continue;
            Action action;
            action.step = Step::CreateContainer;
            action.subject = desired_.containerName(service, replica.number);
            action.service = service.name;
            action.number = replica.number;
            action.reason = replica.reason;
            action.inherits = inheritedBy(replica);
            action.after = volumeSteps_;
            if (replica.existing != nullptr && !goesFirst(service, replica)) action.replaces = replica.existing->id;
            if (replica.stop) action.after.push_back(*replica.stop);
            if (removal_) action.after.push_back(*removal_);
            for (const std::string& key : service.networks)
                if (const auto step = networkStep_.find(key); step != networkStep_.end()) action.after.push_back(step->second);
            for (const std::string& needed : namedBy(service))
                for (const Replica& other : replicas_.at(needed))
                    if (other.create) action.after.push_back(*other.create);
            replica.create = graph_.add(std::move(action));
        }
    }

    /// Services whose containers must exist when one of `service` is made: it names them.
    std::set<std::string> namedBy(const DesiredService& service) const {
        std::set<std::string> result;
        const bool links = std::any_of(service.spec.networks.begin(), service.spec.networks.end(),
                                       [](const engine::NetworkAttachment& network) { return !network.links.empty(); });
        for (const std::string& needed : needs(service))
            if (links || service.shares.contains(needed)) result.insert(needed);
        return result;
    }

    static std::string nameOrId(const Replica& replica, const std::string& name) { return replica.created() ? name : replica.existing->id; }

    /// Whether a container of the service starts only after something else became healthy or ended.
    bool waits(const std::string& name) {
        const auto known = waits_.find(name);
        if (known != waits_.end()) return known->second;
        waits_[name] = false;
        const DesiredService& service = desired_.services.at(name);
        bool result = service.preStart;
        for (const std::string& needed : needs(service)) {
            const auto dependency = service.dependsOn.find(needed);
            if (dependency != service.dependsOn.end() && dependency->second.condition != compose::Condition::Started) result = true;
            result = result || waits(needed);
        }
        return waits_[name] = result;
    }

    void starts() {
        const std::optional<std::size_t> prepared = prepareTogether();
        for (const std::string& name : order_) {
            const DesiredService& service = desired_.services.at(name);
            const std::optional<std::size_t> before = preStart(service);
            for (Replica& replica : replicas_.at(name)) {
                if (!replica.starts()) continue;
                Action action;
                action.step = Step::StartContainer;
                action.service = name;
                action.subject = replica.created() ? desired_.containerName(service, replica.number) : replica.existing->name;
                if (!replica.created()) action.id = replica.existing->id;
                action.reason = replica.created() ? replica.reason : replica.restarts ? replica.restartReason : isActive(*replica.existing) ? "it was being stopped" : "it does not run";
                if (replica.create) action.after.push_back(*replica.create);
                if (replica.stop) action.after.push_back(*replica.stop);
                if (prepared && !waits(name)) action.after.push_back(*prepared);
                if (before) action.after.push_back(*before);
                else addDependencies(service, action);
                replica.start = graph_.add(std::move(action));
            }
        }
    }

    /// What runs before the first container of the service, while none of them does.
    std::optional<std::size_t> preStart(const DesiredService& service) {
        const std::vector<Replica>& replicas = replicas_.at(service.name);
        if (!service.preStart || replicas.empty() || !std::all_of(replicas.begin(), replicas.end(), [](const Replica& replica) { return replica.starts(); }))
            return std::nullopt;
        Action action;
        action.step = Step::RunPreStart;
        action.service = action.subject = service.name;
        action.reason = "its containers start";
        const Replica& first = *std::min_element(replicas.begin(), replicas.end(), [](const Replica& one, const Replica& other) { return one.number < other.number; });
        action.containers = {nameOrId(first, desired_.containerName(service, first.number))};
        for (const Replica& replica : replicas) {
            if (replica.create) action.after.push_back(*replica.create);
            if (replica.stop) action.after.push_back(*replica.stop);
        }
        addDependencies(service, action);
        return graph_.add(std::move(action));
    }

    std::optional<std::size_t> prepareTogether() {
        Action action;
        action.step = Step::PrepareStart;
        action.reason = "they start";
        for (const std::string& name : order_) {
            if (waits(name)) continue;
            for (const Replica& replica : replicas_.at(name)) {
                if (!replica.starts()) continue;
                action.containers.push_back(nameOrId(replica, desired_.containerName(desired_.services.at(name), replica.number)));
                if (replica.stop) action.after.push_back(*replica.stop);
                if (replica.create) action.after.push_back(*replica.create);
            }
        }
        if (action.containers.empty()) return std::nullopt;
        return graph_.add(std::move(action));
    }

    void addDependencies(const DesiredService& service, Action& action) {
        for (const std::string& needed : needs(service)) {
            const auto dependency = service.dependsOn.find(needed);
            const compose::Condition condition = dependency == service.dependsOn.end() ? compose::Condition::Started : dependency->second.condition;
            if (condition != compose::Condition::Started && !replicas_.at(needed).empty()) {
                action.after.push_back(await(needed, condition, dependency->second.required));
                continue;
            }
            for (const Replica& other : replicas_.at(needed))
                if (other.start) action.after.push_back(*other.start);
        }
    }

    std::size_t await(const std::string& name, compose::Condition condition, bool required) {
        const auto key = std::make_tuple(name, condition, required);
        if (const auto known = awaits_.find(key); known != awaits_.end()) return known->second;
        const DesiredService& service = desired_.services.at(name);
        Action action;
        action.step = Step::Await;
        action.service = name;
        action.subject = name;
        action.condition = condition;
        action.required = required;
        action.reason = "others depend on it";
        for (const Replica& replica : replicas_.at(name)) {
            const std::string made = desired_.containerName(service, replica.number);
            action.containers.push_back(nameOrId(replica, made));
            action.names.push_back(replica.created() ? made : replica.existing->name);
            if (replica.start) action.after.push_back(*replica.start);
        }
        const std::size_t index = graph_.add(std::move(action));
        awaits_.emplace(key, index);
        return index;
    }

    const DesiredProject& desired_;
    const ObservedProject& observed_;
    const PlanOptions& options_;
    ActionGraph graph_;
    std::vector<std::string> order_;
    std::set<std::string> changed_;                      ///< keys of networks whose definition changed
    std::map<std::string, std::size_t> networkStep_;     ///< by key
    std::map<std::string, std::string> changedVolumes_;  ///< names by key of volumes that are made anew
    std::vector<std::size_t> volumeSteps_;
    std::map<std::string, std::vector<Replica>> replicas_;
    std::set<std::string> recreated_;                    ///< services of which a container is made anew
    std::vector<const engine::Container*> removed_;
    std::map<std::string, std::string> removeReasons_;   ///< by id
    std::map<std::string, std::size_t> stops_;           ///< by id
    std::optional<std::size_t> removal_;
    std::map<std::string, bool> waits_;
    std::map<std::tuple<std::string, compose::Condition, bool>, std::size_t> awaits_;
};

}  // namespace

ActionGraph plan(const DesiredProject& desired, const ObservedProject& observed, const PlanOptions& options) {
    return Planner(desired, observed, options).run();
}

}  // namespace devc::app

// Properties of plans: random projects, random edits of them, commands that are killed half-way. Each case is made from a
// seed, which is shown when it fails.
#include "app/project/plan.h"

#include <algorithm>
#include <random>

#include <doctest/doctest.h>

#include "app/project/labels.h"
#include "engine/error.h"

using namespace devc::app;
namespace engine = devc::engine;
namespace compose = devc::compose;

namespace {

constexpr const char* names[] = {"a", "b", "c", "d", "e"};
constexpr const char* networkKeys[] = {"default", "back"};

class Random {
public:
    explicit Random(unsigned seed) : engine_(seed) {}
    int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(engine_); }
    bool once(int in) { return below(in) == 0; }

private:
    std::mt19937 engine_;
};

std::string nameOf(const DesiredProject& project, const std::string& key) { return project.name + "_" + key; }

/// A service may depend on those that come before it in the alphabet: no cycles.
DesiredService randomService(Random& random, const std::string& name, const DesiredProject& project) {
    DesiredService service;
    service.name = name;
    service.image = "image";
    service.replicas = random.below(4);
    service.networks = {networkKeys[random.below(2)]};
    service.configHash = *service.networks.begin() + std::to_string(random.below(2));
    for (const auto& [other, ignored] : project.services) {
        if (other >= name || !random.once(3)) continue;
        const compose::Condition conditions[] = {compose::Condition::Started, compose::Condition::Healthy, compose::Condition::CompletedSuccessfully};
        service.dependsOn[other].condition = conditions[random.below(3)];
        service.dependsOn[other].restart = random.once(2);
    }
    if (!service.dependsOn.empty() && random.once(4)) service.shares.insert(service.dependsOn.begin()->first);
    return service;
}

/// Adds, changes or leaves out some of it.
void edit(Random& random, DesiredProject& project) {
    project.name = "shop";
    for (const char* key : networkKeys) {
        DesiredNetwork& network = project.networks[key];
        network.key = key;
        network.spec.name = nameOf(project, key);
        std::string& hash = network.spec.labels[label::configHash];
        if (hash.empty() || random.once(6)) hash = "n" + std::to_string(random.below(3));
    }
    if (random.once(2)) {
        project.volumes["data"].key = "data";
        project.volumes["data"].spec.name = nameOf(project, "data");
    }
    for (const char* name : names) {
        project.known.insert(name);
        if (random.once(2)) continue;
        project.services.erase(name);
        if (!random.once(4)) project.services.emplace(name, randomService(random, name, project));
    }
    // What was left out is nobody's dependency any more.
    for (auto& [name, service] : project.services) {
        std::erase_if(service.dependsOn, [&](const auto& dependency) { return !project.services.contains(dependency.first); });
        std::erase_if(service.shares, [&](const std::string& shared) { return !project.services.contains(shared); });
    }
}

/// What plans change, as far as they see it.
class World {
public:
    ObservedProject observed;

    World() {
        observed.images["image"] = "sha256:1";
        add("stranger", "x", 1, "h0").state.status = engine::Status::Running;
        add("shop-a-run-1", "a", 1, "old").spec.labels[label::oneOff] = "True";
        observed.networks["other"].spec.name = "other";
        observed.volumes["other"].spec.name = "other";
    }

    /// Does the plan in some order that it allows, or the first `most` actions of it.
    void apply(Random& random, const ActionGraph& graph, const DesiredProject& desired, std::size_t most) {
        std::vector<bool> done(graph.actions.size());
        for (std::size_t count = 0; count < std::min(most, graph.actions.size()); ++count) {
            std::vector<std::size_t> possible;
            for (std::size_t i = 0; i < graph.actions.size(); ++i) {
                const auto& after = graph.actions[i].after;
                if (!done[i] && std::all_of(after.begin(), after.end(), [&](std::size_t earlier) { return done[earlier]; })) possible.push_back(i);
            }
            REQUIRE_MESSAGE(!possible.empty(), "the plan has a cycle");
            const std::size_t chosen = possible[static_cast<std::size_t>(random.below(static_cast<int>(possible.size())))];
            perform(graph.actions[chosen], desired);
            done[chosen] = true;
        }
    }

    const engine::Container* byName(const std::string& name) const {
        const auto found = std::find_if(observed.containers.begin(), observed.containers.end(), [&](const auto& c) { return c.name == name; });
        return found == observed.containers.end() ? nullptr : &*found;
    }

private:
    engine::Container& add(const std::string& name, const std::string& service, int number, const std::string& hash) {
        engine::Container container;
        container.id = "id" + std::to_string(next_++);
        container.name = name;
        container.spec.imageId = "sha256:1";
        container.spec.labels = {{label::project, "shop"}, {label::service, service}, {label::number, std::to_string(number)},
                                 {label::oneOff, "False"}, {label::configHash, hash}};
        observed.containers.push_back(container);
        return observed.containers.back();
    }

    engine::Container& find(const std::string& nameOrId) {
        const auto found = std::find_if(observed.containers.begin(), observed.containers.end(),
                                        [&](const auto& c) { return c.id == nameOrId || c.name == nameOrId; });
        REQUIRE_MESSAGE(found != observed.containers.end(), "no container " << nameOrId);
        return *found;
    }

    void erase(const std::string& id) {
        REQUIRE_MESSAGE(!isActive(find(id)), "removes " << id << " while it runs");
        std::erase_if(observed.containers, [&](const auto& container) { return container.id == id; });
    }

    bool allActive(const std::string& service) const {
        return std::all_of(observed.containers.begin(), observed.containers.end(), [&](const auto& container) {
            return isOneOff(container) || serviceOf(container) != service || isActive(container) || container.name.starts_with("id");
        });
    }

    void create(const Action& action, const DesiredProject& desired) {
        const DesiredService& service = desired.services.at(action.service);
        for (const std::string& key : service.networks)
            REQUIRE_MESSAGE(observed.networks.contains(desired.networks.at(key).spec.name), "network " << key << " is not there yet");
        for (const auto& one : desired.volumes)
            REQUIRE_MESSAGE(observed.volumes.contains(one.second.spec.name), "volume " << one.first << " is not there yet");
        if (!action.replaces.empty()) {
            REQUIRE_MESSAGE(!isActive(find(action.replaces)), "its predecessor still runs");
            find(action.replaces).name = action.replaces + "_" + action.subject;
        }
        REQUIRE_MESSAGE(byName(action.subject) == nullptr, "the name " << action.subject << " is taken");
        engine::Container& made = add(action.subject, action.service, action.number, service.configHash);
        for (const std::string& key : service.networks) {
            const engine::Network& network = observed.networks.at(desired.networks.at(key).spec.name);
            made.spec.networks.emplace_back().network = network.spec.name;
            made.endpoints.emplace_back().networkId = network.id;
        }
        if (!action.replaces.empty()) erase(action.replaces);
    }

    void start(const Action& action, const DesiredProject& desired) {
        for (const auto& one : desired.services.at(action.service).dependsOn)
            if (desired.services.contains(one.first)) REQUIRE_MESSAGE(allActive(one.first), action.subject << " starts before " << one.first);
        find(action.id.empty() ? action.subject : action.id).state.status = engine::Status::Running;
    }

    void removeNetwork(const Action& action) {
        for (const engine::Container& container : observed.containers)
            for (const auto& attachment : container.spec.networks)
                REQUIRE_MESSAGE((!isActive(container) || attachment.network != action.subject), action.subject << " is in use by " << container.name);
        for (engine::Container& container : observed.containers)
            std::erase_if(container.endpoints, [&](const auto& endpoint) { return endpoint.networkId == observed.networks.at(action.subject).id; });
        REQUIRE(observed.networks.erase(action.subject) == 1);
    }

    void perform(const Action& action, const DesiredProject& desired) {
        CHECK_FALSE((action.reason.empty() && action.step != Step::Await));
        switch (action.step) {
            case Step::CreateNetwork: {
                REQUIRE_FALSE(observed.networks.contains(action.subject));
                engine::Network& network = observed.networks[action.subject];
                network.spec = desired.networks.at(action.key).spec;
                network.spec.labels[label::project] = desired.name;
                network.id = "network" + std::to_string(next_++);
                break;
            }
            case Step::RemoveNetwork: return removeNetwork(action);
            case Step::CreateVolume:
                REQUIRE_FALSE(observed.volumes.contains(action.subject));
                observed.volumes[action.subject].spec.name = action.subject;
                break;
            case Step::RemoveVolume: REQUIRE(observed.volumes.erase(action.subject) == 1); break;
            case Step::CreateContainer: return create(action, desired);
            case Step::StopContainer: find(action.id).state.status = engine::Status::Exited; break;
            case Step::RemoveContainers:
                for (const std::string& id : action.containers) erase(id);
                break;
            case Step::RunPreStart:
            case Step::PrepareStart:
            case Step::Await:
                for (const std::string& id : action.containers) find(id);
                break;
            case Step::StartContainer: return start(action, desired);
        }
    }

    int next_ = 1;
};

void checkReached(const World& world, const DesiredProject& desired, bool orphansRemoved) {
    std::set<std::string> expected;
    for (const auto& [name, service] : desired.services) {
        int count = 0;
        for (const engine::Container& container : world.observed.containers) {
            if (isOneOff(container) || serviceOf(container) != name) continue;
            ++count;
            expected.insert(container.name);
            CHECK(container.name == desired.containerName(service, numberOf(container)));
            CHECK(isActive(container));
            CHECK(labelOf(container, label::configHash) == service.configHash);
        }
        CHECK(count == service.replicas);
    }
    for (const engine::Container& container : world.observed.containers)
        if (orphansRemoved && !isOneOff(container) && !expected.contains(container.name)) CHECK(desired.known.contains(serviceOf(container)));
    for (const auto& [key, network] : desired.networks) {
        REQUIRE(world.observed.networks.contains(network.spec.name));
        CHECK(world.observed.networks.at(network.spec.name).spec.labels.at(label::configHash) == network.spec.labels.at(label::configHash));
    }
    for (const auto& [key, volume] : desired.volumes) CHECK(world.observed.volumes.contains(volume.spec.name));
}

void checkUntouched(const World& world, bool orphansRemoved) {
    CHECK((world.byName("stranger") != nullptr) == !orphansRemoved);
    REQUIRE(world.byName("shop-a-run-1"));
    CHECK(world.byName("shop-a-run-1")->id == "id2");
    CHECK(world.observed.networks.contains("other"));
    CHECK(world.observed.volumes.contains("other"));
}

/// A network that changes is used by a service that is not asked for now: refused, before anything is done.
bool takesNetworks(const DesiredProject& desired, const ObservedProject& observed, const PlanOptions& options) {
    try {
        plan(desired, observed, options);
        return false;
    } catch (const engine::Error& error) {
        CHECK(std::string(error.what()).find("cannot be made anew") != std::string::npos);
        return true;
    }
}

constexpr std::size_t whole = 1'000'000;

}  // namespace

TEST_CASE("whatever is edited, and wherever the command before was killed, a plan reaches the project and a second one is empty") {
    for (unsigned seed = 1; seed <= 3000; ++seed) {
        CAPTURE(seed);
        Random random(seed);
        World world;
        DesiredProject desired;
        bool orphansRemoved = false;
        for (int round = 0; round < 5; ++round) {
            edit(random, desired);
            PlanOptions options;
            options.removeOrphans = random.once(10);
            if (takesNetworks(desired, world.observed, options)) continue;
            if (random.once(2)) {
                world.apply(random, plan(desired, world.observed, options), desired, static_cast<std::size_t>(random.below(12)));
                orphansRemoved = world.byName("stranger") == nullptr;
            }
            if (takesNetworks(desired, world.observed, options)) continue;
            world.apply(random, plan(desired, world.observed, options), desired, whole);
            orphansRemoved = orphansRemoved || options.removeOrphans;
            checkReached(world, desired, options.removeOrphans);
            checkUntouched(world, orphansRemoved);
            const ActionGraph second = plan(desired, world.observed, options);
            CHECK(second.empty());
        }
    }
}

TEST_CASE("a service that nothing has changed for keeps its containers, whatever happens to those that do not concern it") {
    for (unsigned seed = 1; seed <= 1000; ++seed) {
        CAPTURE(seed);
        Random random(seed);
        World world;
        DesiredProject desired;
        edit(random, desired);
        world.apply(random, plan(desired, world.observed, {}), desired, whole);
        DesiredProject changed = desired;
        std::set<std::string> concerned;
        for (auto& [name, service] : changed.services) {
            const bool byOthers = std::any_of(service.shares.begin(), service.shares.end(), [&](const auto& s) { return concerned.contains(s); }) ||
                                  std::any_of(service.dependsOn.begin(), service.dependsOn.end(), [&](const auto& d) { return concerned.contains(d.first); });
            if (random.once(3)) service.configHash += "+";
            else if (!byOthers) continue;
            concerned.insert(name);
        }
        for (const Action& action : plan(changed, world.observed, {}).actions) {
            for (const std::string& nameOrId : action.containers)
                for (const auto& c : world.observed.containers)
                    if (c.id == nameOrId && action.step != Step::Await) CHECK(concerned.contains(serviceOf(c)));
            if (action.step == Step::CreateContainer || action.step == Step::StartContainer) CHECK(concerned.contains(action.service));
        }
    }
}

TEST_CASE("down leaves nothing of the project and nothing else out, from wherever it is called") {
    for (unsigned seed = 1; seed <= 1000; ++seed) {
        CAPTURE(seed);
        Random random(seed);
        World world;
        DesiredProject desired;
        edit(random, desired);
        world.apply(random, plan(desired, world.observed, {}), desired, static_cast<std::size_t>(random.below(30)));
        DownOptions options;
        options.removeOrphans = true;
        world.apply(random, planDown("shop", world.observed, options), desired, static_cast<std::size_t>(random.below(6)));
        world.apply(random, planDown("shop", world.observed, options), desired, whole);
        for (const engine::Container& container : world.observed.containers) CHECK(isOneOff(container));
        CHECK(world.observed.networks.contains("other"));
        CHECK(world.observed.volumes.contains("other"));
    }
}

#include "app/project/plan.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "app/project/labels.h"
#include "engine/error.h"

using namespace devc::app;
namespace engine = devc::engine;
namespace compose = devc::compose;

namespace {

DesiredService service(const std::string& name, const std::string& hash = "h1", int replicas = 1) {
    DesiredService result;
    result.name = name;
    result.image = "busybox";
    result.configHash = hash;
    result.replicas = replicas;
    return result;
}

DesiredProject project(std::vector<DesiredService> services) {
    DesiredProject result;
    result.name = "shop";
    for (DesiredService& each : services) {
        result.known.insert(each.name);
        result.services.emplace(each.name, std::move(each));
    }
    return result;
}

engine::Container container(const std::string& service, int number, const std::string& hash = "h1",
                            engine::Status status = engine::Status::Running) {
    engine::Container result;
    result.name = "shop-" + service + "-" + std::to_string(number);
    result.id = "id-" + result.name;
    result.spec.labels = {{label::project, "shop"}, {label::service, service}, {label::number, std::to_string(number)},
                          {label::oneOff, "False"}, {label::configHash, hash}};
    result.spec.imageId = "sha256:1";
    result.state.status = status;
    return result;
}

ObservedProject observed(std::vector<engine::Container> containers) {
    ObservedProject result;
    result.containers = std::move(containers);
    result.images["busybox"] = "sha256:1";
    return result;
}

/// "create shop-web-1" of every action of these kinds, in order.
std::vector<std::string> words(const ActionGraph& graph) {
    std::vector<std::string> result;
    for (const Action& action : graph.actions) switch (action.step) {
        case Step::CreateContainer: result.push_back("create " + action.subject); break;
        case Step::StopContainer: result.push_back("stop " + action.subject); break;
        case Step::RunPreStart: result.push_back("prepare " + action.subject); break;
        case Step::StartContainer: result.push_back("start " + action.subject); break;
        case Step::RemoveContainers:
            for (const std::string& name : action.names) result.push_back("remove " + name);
            break;
        case Step::Await: result.push_back("await " + action.subject); break;
        default: break;
    }
    return result;
}

bool has(const ActionGraph& graph, const std::string& word) {
    const auto list = words(graph);
    return std::find(list.begin(), list.end(), word) != list.end();
}

const Action& actionOf(const ActionGraph& graph, Step step, const std::string& subject) {
    const auto found = std::find_if(graph.actions.begin(), graph.actions.end(), [&](const Action& a) { return a.step == step && a.subject == subject; });
    REQUIRE(found != graph.actions.end());
    return *found;
}

/// Whether `later` comes after `earlier`, directly or not.
bool comesAfter(const ActionGraph& graph, const Action& later, const Action& earlier) {
    return std::any_of(later.after.begin(), later.after.end(), [&](std::size_t index) {
        return &graph.actions[index] == &earlier || comesAfter(graph, graph.actions[index], earlier);
    });
}

}  // namespace

TEST_CASE("a new project is created and started") {
    const ActionGraph graph = plan(project({service("web", "h1", 2)}), observed({}), {});
    CHECK(has(graph, "create shop-web-1"));
    CHECK(has(graph, "create shop-web-2"));
    CHECK(has(graph, "start shop-web-2"));
}

TEST_CASE("what runs as it should is left alone") {
    const ActionGraph graph = plan(project({service("web")}), observed({container("web", 1)}), {});
    CHECK(graph.empty());
    CHECK(graph.kept == std::vector<std::string>{"shop-web-1"});
}

TEST_CASE("a container that has ended is started again, not made anew") {
    const ActionGraph graph = plan(project({service("web")}), observed({container("web", 1, "h1", engine::Status::Exited)}), {});
    CHECK(words(graph) == std::vector<std::string>{"start shop-web-1"});
}

TEST_CASE("a container that a killed command was stopping is started again") {
    engine::Container stopping = container("web", 1);
    stopping.state.stopping = true;
    CHECK(words(plan(project({service("web")}), observed({stopping}), {})) == std::vector<std::string>{"start shop-web-1"});
}

TEST_CASE("only the service that changed is recreated") {
    const ActionGraph graph = plan(project({service("web", "h2"), service("db")}), observed({container("web", 1), container("db", 1)}), {});
    CHECK(words(graph) == std::vector<std::string>{"stop shop-web-1", "create shop-web-1", "start shop-web-1"});
    CHECK(actionOf(graph, Step::CreateContainer, "shop-web-1").replaces == "id-shop-web-1");
    CHECK(actionOf(graph, Step::CreateContainer, "shop-web-1").reason == "configuration changed");
}

TEST_CASE("another image recreates, --no-recreate keeps, --force-recreate replaces") {
    ObservedProject now = observed({container("web", 1)});
    CHECK(plan(project({service("web")}), now, {}).empty());
    now.images["busybox"] = "sha256:2";
    CHECK(has(plan(project({service("web")}), now, {}), "create shop-web-1"));
    PlanOptions keep;
    keep.recreate = Recreate::Never;
    CHECK(plan(project({service("web")}), now, keep).empty());
    PlanOptions force;
    force.recreate = Recreate::Always;
    CHECK(has(plan(project({service("web")}), observed({container("web", 1)}), force), "create shop-web-1"));
}

TEST_CASE("scaling down removes the highest numbers, scaling up takes free ones") {
    const ActionGraph less = plan(project({service("web", "h1", 1)}), observed({container("web", 1), container("web", 2), container("web", 3)}), {});
    CHECK(has(less, "remove shop-web-2"));
    CHECK(has(less, "remove shop-web-3"));
    CHECK_FALSE(has(less, "remove shop-web-1"));
    const ActionGraph more = plan(project({service("web", "h1", 3)}), observed({container("web", 1), container("web", 3)}), {});
    CHECK(has(more, "create shop-web-2"));
    CHECK_FALSE(has(more, "create shop-web-4"));
}

TEST_CASE("containers of services that are no longer in the file are told, and removed only when asked") {
    const ActionGraph told = plan(project({service("web")}), observed({container("web", 1), container("old", 1)}), {});
    CHECK(told.empty());
    CHECK(told.warnings.size() == 1);
    PlanOptions options;
    options.removeOrphans = true;
    CHECK(has(plan(project({service("web")}), observed({container("web", 1), container("old", 1)}), options), "remove shop-old-1"));
}

TEST_CASE("pre_start runs once between what a service depends on and its containers, while none of them runs") {
    DesiredService web = service("web", "h1", 2);
    web.preStart = true;
    web.dependsOn["db"] = {};
    const ActionGraph fresh = plan(project({web, service("db")}), observed({}), {});
    const Action& before = actionOf(fresh, Step::RunPreStart, "web");
    CHECK(before.containers == std::vector<std::string>{"shop-web-1"});
    CHECK(comesAfter(fresh, before, actionOf(fresh, Step::StartContainer, "shop-db-1")));
    for (const char* replica : {"shop-web-1", "shop-web-2"}) {
        CHECK(comesAfter(fresh, before, actionOf(fresh, Step::CreateContainer, replica)));
        CHECK(comesAfter(fresh, actionOf(fresh, Step::StartContainer, replica), before));
    }
    for (const Action& action : fresh.actions)
        if (action.step == Step::PrepareStart) CHECK(action.containers == std::vector<std::string>{"shop-db-1"});
    const ActionGraph half = plan(project({web, service("db")}), observed({container("web", 2, "h1", engine::Status::Created)}), {});
    CHECK(actionOf(half, Step::RunPreStart, "web").containers == std::vector<std::string>{"shop-web-1"});
    const ActionGraph scaled = plan(project({web, service("db")}), observed({container("web", 1), container("db", 1)}), {});
    CHECK(has(scaled, "start shop-web-2"));
    CHECK_FALSE(has(scaled, "prepare web"));
    CHECK(has(plan(project({web, service("db")}), observed({container("web", 1, "old"), container("web", 2, "old"), container("db", 1)}), {}), "prepare web"));
}

TEST_CASE("a service starts after what it depends on, and after the condition where one is asked for") {
    DesiredService web = service("web");
    web.dependsOn["db"] = {};
    web.dependsOn["db"].condition = compose::Condition::Healthy;
    const ActionGraph graph = plan(project({web, service("db")}), observed({}), {});
    const Action& start = actionOf(graph, Step::StartContainer, "shop-web-1");
    CHECK(comesAfter(graph, start, actionOf(graph, Step::Await, "db")));
    CHECK(comesAfter(graph, start, actionOf(graph, Step::StartContainer, "shop-db-1")));
}

TEST_CASE("an external network that does not exist is refused before anything is done") {
    DesiredProject desired = project({service("web")});
    desired.networks["n"].key = "n";
    desired.networks["n"].external = true;
    desired.networks["n"].spec.name = "shared";
    CHECK_THROWS_AS(plan(desired, observed({}), {}), engine::Error);
}

TEST_CASE("down stops dependents first and then removes everything at once") {
    engine::Container web = container("web", 1), db = container("db", 1);
    web.spec.labels[label::dependsOn] = "db:service_started:false";
    const ActionGraph graph = planDown("shop", observed({web, db}), {});
    CHECK(comesAfter(graph, actionOf(graph, Step::StopContainer, "shop-db-1"), actionOf(graph, Step::StopContainer, "shop-web-1")));
    CHECK(has(graph, "remove shop-web-1"));
    CHECK(has(graph, "remove shop-db-1"));
}

TEST_CASE("an awaited container that stays is shown by its name") {
    DesiredService web = service("web");
    web.dependsOn["db"].condition = compose::Condition::Healthy;
    const ActionGraph graph = plan(project({web, service("db")}), observed({container("db", 1)}), {});
    const Action& await = actionOf(graph, Step::Await, "db");
    CHECK(await.containers == std::vector<std::string>{"id-shop-db-1"});
    CHECK(await.names == std::vector<std::string>{"shop-db-1"});
}

TEST_CASE("down of some services takes the networks and, if asked for, volumes that they use") {
    ObservedProject now = observed({container("web", 1), container("db", 1)});
    for (const char* name : {"shop_front", "shop_back"}) now.networks[name].spec.labels = now.volumes[name].spec.labels = {{label::project, "shop"}};
    DownOptions options;
    options.services = {"web"};
    options.hasFile = true;
    options.used = {"shop_front"};
    const auto subjects = [&](Step step) {
        std::vector<std::string> result;
        for (const Action& action : planDown("shop", now, options).actions)
            if (action.step == step) result.push_back(action.subject);
        return result;
    };
    CHECK(subjects(Step::StopContainer) == std::vector<std::string>{"shop-web-1"});
    CHECK(subjects(Step::RemoveNetwork) == std::vector<std::string>{"shop_front"});
    CHECK(subjects(Step::RemoveVolume).empty());
    options.volumes = true;
    CHECK(subjects(Step::RemoveVolume) == std::vector<std::string>{"shop_front"});
}

TEST_CASE("a volume with another definition stays, and is made anew where that was asked for and all its users are") {
    const auto mounting = [](engine::ContainerSpec& spec) {
        engine::MountSpec mount;
        mount.type = engine::MountType::Volume;
        mount.source = "shop_data";
        spec.mounts.push_back(mount);
    };
    DesiredService db = service("db");
    engine::Container running = container("db", 1);
    mounting(db.spec);
    mounting(running.spec);
    DesiredProject desired = project({db, service("web")});
    ObservedProject now = observed({running, container("web", 1)});
    engine::VolumeSpec& wanted = desired.volumes["data"].spec;
    wanted.name = "shop_data";
    wanted.labels = {{label::project, "shop"}, {label::version, "2"}};
    now.volumes["shop_data"].spec = wanted;
    now.volumes["shop_data"].spec.labels[label::version] = "1";
    PlanOptions replace;
    replace.replaceVolumes = true;
    CHECK(plan(desired, now, replace).empty());

    wanted.driverOptions["size"] = "1";
    const ActionGraph kept = plan(desired, now, {});
    CHECK(kept.empty());
    CHECK(kept.warnings.size() == 1);

    const ActionGraph graph = plan(desired, now, replace);
    CHECK(words(graph) == std::vector<std::string>{"stop shop-db-1", "remove shop-db-1", "create shop-db-1", "start shop-db-1"});
    const Action& removal = actionOf(graph, Step::RemoveVolume, "shop_data");
    const Action& creation = actionOf(graph, Step::CreateVolume, "shop_data");
    CHECK(comesAfter(graph, removal, actionOf(graph, Step::StopContainer, "shop-db-1")));
    CHECK(comesAfter(graph, creation, removal));
    CHECK(comesAfter(graph, actionOf(graph, Step::CreateContainer, "shop-db-1"), creation));

    desired.services.erase("db");
    const ActionGraph held = plan(desired, now, replace);
    CHECK(held.empty());
    CHECK(held.warnings.size() == 1);
}

TEST_CASE("a container whose network was removed, or made again, is made anew") {
    DesiredService web = service("web");
    web.networks = {"front"};
    DesiredProject desired = project({web});
    desired.networks["front"].key = "front";
    desired.networks["front"].spec.name = "shop_front";
    desired.networks["front"].spec.labels = {{label::project, "shop"}, {label::configHash, "n1"}};
    engine::Container there = container("web", 1);
    there.endpoints.emplace_back().networkId = "net-1";
    ObservedProject now = observed({there});
    const ActionGraph graph = plan(desired, now, {});
    CHECK(comesAfter(graph, actionOf(graph, Step::CreateContainer, "shop-web-1"), actionOf(graph, Step::CreateNetwork, "shop_front")));
    engine::Network& front = now.networks["shop_front"];
    front.spec = desired.networks["front"].spec;
    front.id = "net-1";
    CHECK(plan(desired, now, {}).empty());
    front.id = "net-2";
    CHECK(has(plan(desired, now, {}), "create shop-web-1"));
}

TEST_CASE("no plan has a cycle, and a plan once done leaves nothing to do") {
    DesiredService web = service("web", "h2", 3);
    web.dependsOn["db"].restart = true;
    const DesiredProject desired = project({web, service("db", "h2")});
    const ActionGraph graph = plan(desired, observed({container("web", 1), container("web", 2), container("db", 1)}), {});
    for (const Action& action : graph.actions) CHECK_FALSE(comesAfter(graph, action, action));
    CHECK(plan(desired, observed({container("web", 1, "h2"), container("web", 2, "h2"), container("web", 3, "h2"), container("db", 1, "h2")}), {}).empty());
}

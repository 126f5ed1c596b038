#include <doctest/doctest.h>

#include "compose/diagnostics.h"
#include "compose/graph.h"

using namespace devc::compose;

namespace {

/// "a:b,c d" - a depends on b and c; d on none.
Project project(const std::map<std::string, StringList>& edges) {
    Project project;
    for (const auto& [name, dependencies] : edges) {
        Service service;
        service.name = name;
        for (const std::string& other : dependencies) service.dependsOn[other] = {};
        project.services[name] = service;
    }
    return project;
}

}  // namespace

TEST_CASE("services come after what they depend on") {
    Graph graph(project({{"web", {"api"}}, {"api", {"db", "cache"}}, {"db", {}}, {"cache", {}}}));
    CHECK(graph.order() == StringList{"cache", "db", "api", "web"});
    CHECK(graph.waves().size() == 3);
    CHECK(graph.cycle().empty());
}

TEST_CASE("a cycle is named") {
    CHECK(Graph(project({{"a", {"b"}}, {"b", {"c"}}, {"c", {"a"}}})).cycle() == StringList{"a", "b", "c", "a"});
    CHECK(Graph(project({{"a", {"a"}}})).cycle() == StringList{"a", "a"});
    CHECK(Graph(project({{"a", {"b"}}, {"b", {"c"}}, {"c", {"b"}}})).cycle() == StringList{"b", "c", "b"});
}

TEST_CASE("dependents and dependencies are transitive") {
    Graph graph(project({{"web", {"api"}}, {"api", {"db"}}, {"db", {}}, {"x", {}}}));
    CHECK(graph.withDependencies({"web"}) == std::set<std::string>{"api", "db", "web"});
    CHECK(graph.withDependents({"db"}) == std::set<std::string>{"api", "db", "web"});
    CHECK(graph.dependentsOf("db") == std::set<std::string>{"api"});
    CHECK(graph.dependenciesOf("nobody").empty());
}

TEST_CASE("a selection has its dependencies and what they use") {
    Project whole = project({{"web", {"db"}}, {"db", {}}, {"other", {}}});
    whole.services["db"].networks["back"] = {};
    whole.networks["back"] = {};
    whole.networks["front"] = {};
    Project selected = select(whole, {"web"});
    CHECK(selected.services.size() == 2);
    CHECK(selected.networks.size() == 1);
    CHECK(selected.disabledServices.contains("other"));
    CHECK(select(whole, {"web"}, false).services.size() == 1);
    CHECK_THROWS_AS(select(whole, {"wbe"}), LoadError);
}

TEST_CASE("a named service is enabled with what it needs") {
    Project whole = project({{"a", {}}});
    Project hidden = project({{"tool", {"helper"}}, {"helper", {}}});
    whole.disabledServices = hidden.services;
    CHECK(select(whole, {"tool"}).services.size() == 2);
    CHECK(select(whole, {}).services.size() == 1);
}

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "app/graph/view.h"

using namespace devc::app;
namespace compose = devc::compose;

namespace {

/// db <- api (healthy) <- web (started, optional): web publishes a port and has a volume.
compose::Project shop() {
    compose::Project project;
    project.name = "shop";
    project.workingDir = "/home/me/shop";
    for (const char* name : {"web", "api", "db"}) {
        compose::Service service;
        service.name = name;
        service.image = std::string(name) + ":1";
        service.networks["back"];
        project.services[name] = service;
    }
    project.services["api"].dependsOn["db"] = {compose::Condition::Healthy, true, true};
    compose::Service& web = project.services["web"];
    web.dependsOn["api"] = {compose::Condition::Started, false, false};
    compose::Port port;
    port.target = 80;
    port.publishedFirst = port.publishedLast = 8080;
    port.hostIp = "127.0.0.1";
    web.ports.push_back(port);
    compose::Mount data;
    data.source = "data";
    data.target = "/data";
    compose::Mount source;
    source.type = compose::MountType::Bind;
    source.source = "/home/me/shop/src";
    source.target = "/app";
    source.readOnly = true;
    web.mounts = {data, source};
    web.tmpfs = {"/run:size=1m"};
    project.networks["back"];
    project.volumes["data"];
    return project;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("services stand in the order of starting, a layer above what they wait for") {
    const ProjectGraph graph = graphOf(shop());
    REQUIRE(graph.services.size() == 3);
    CHECK(graph.services[0].name == "db");
    CHECK(graph.services[1].name == "api");
    CHECK(graph.services[2].name == "web");
    CHECK(graph.services[2].layer == 2);
}

TEST_CASE("the text says what a service waits for, where it is found and what it mounts") {
    CHECK(graphAsText(graphOf(shop())) ==
          "project shop\n"
          "\ndb\n  image     db:1\n  networks  back\n"
          "\napi\n  image     api:1\n  after     db (healthy, restart)\n  networks  back\n"
          "\nweb\n  image     web:1\n  after     api (started, optional)\n  networks  back\n"
          "  volumes   data:/data, ./src:/app:ro, tmpfs:/run\n  ports     127.0.0.1:8080->80/tcp\n");
}

TEST_CASE("a port without a number of the host's is any") {
    compose::Project project = shop();
    project.services["web"].ports[0].publishedFirst = project.services["web"].ports[0].publishedLast = 0;
    CHECK(graphOf(project).services[2].ports == std::vector<std::string>{"127.0.0.1:*->80/tcp"});
    project.services["web"].ports[0].hostIp.clear();
    project.services["web"].ports[0].publishedFirst = 8000;
    project.services["web"].ports[0].publishedLast = 8010;
    CHECK(graphOf(project).services[2].ports == std::vector<std::string>{"8000-8010->80/tcp"});
}

TEST_CASE("dot has a node a service, network and volume, and dashed edges for what is optional") {
    const std::string dot = graphAsDot(graphOf(shop()));
    CHECK(contains(dot, "\"service db\" -> \"service api\" [label=\"healthy\"];"));
    CHECK(contains(dot, "\"service api\" -> \"service web\" [label=\"started\", style=dashed];"));
    CHECK(contains(dot, "\"volume data\" -> \"service web\" [dir=none, label=\"/data\"];"));
    CHECK(contains(dot, "\"network back\" [label=\"back\", shape=ellipse];"));
}

TEST_CASE("dot and svg keep what has a meaning in them as text") {
    compose::Project project = shop();
    project.name = "a\"b<c";
    CHECK(contains(graphAsDot(graphOf(project)), "digraph \"a\\\"b<c\""));
    CHECK(contains(graphAsSvg(graphOf(project)), "a&quot;b&lt;c"));
}

TEST_CASE("json has all of it") {
    const auto object = nlohmann::json::parse(graphAsJson(graphOf(shop())));
    CHECK(object["name"] == "shop");
    CHECK(object["services"][1]["dependsOn"][0] == nlohmann::json({{"service", "db"}, {"condition", "healthy"}, {"required", true}, {"restart", true}}));
    CHECK(object["volumes"] == nlohmann::json({"data"}));
}

TEST_CASE("in the picture who waits stands to the right of what it waits for, and nothing overlaps") {
    compose::Project project = shop();
    project.services["cache"] = project.services["db"];
    project.services["cache"].name = "cache";
    const std::string svg = graphAsSvg(graphOf(project));
    struct Rect { int x, y, width, height; };
    std::vector<Rect> boxes;
    for (std::size_t at = svg.find("<rect x="); at != std::string::npos; at = svg.find("<rect x=", at + 1)) {
        Rect box{};
        REQUIRE(std::sscanf(svg.c_str() + at, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"", &box.x, &box.y, &box.width, &box.height) == 4);
        boxes.push_back(box);
    }
    REQUIRE(boxes.size() == 4);  // cache, db; api; web
    CHECK(boxes[0].x == boxes[1].x);
    CHECK(boxes[0].y + boxes[0].height < boxes[1].y);
    CHECK(boxes[1].x + boxes[1].width < boxes[2].x);
    CHECK(boxes[2].x + boxes[2].width < boxes[3].x);
}

TEST_CASE("a project without services is a picture too") {
    compose::Project project;
    project.name = "empty";
    CHECK(graphAsText(graphOf(project)) == "project empty\n");
    CHECK(contains(graphAsSvg(graphOf(project)), "</svg>"));
}

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "compose/load.h"
#include "compose/render/render.h"
#include "tests/unit/temporary_folder.h"

using namespace devc::compose;
namespace fs = std::filesystem;

namespace {

/// A folder with files, removed at the end.
struct Folder : TemporaryFolder {
    Folder& file(const std::string& name, const std::string& text) {
        fs::create_directories((path / name).parent_path());
        std::ofstream(path / name) << text;
        return *this;
    }
    LoadRequest request() const {
        LoadRequest request;
        request.currentDir = path.string();
        request.projectName = "p";
        return request;
    }
    Project load() const { return devc::compose::load(request()); }
};

std::vector<Diagnostic> problemsOf(const std::string& text) {
    Folder folder;
    folder.file("compose.yaml", text);
    try {
        folder.load();
    } catch (const LoadError& error) {
        return error.diagnostics();
    }
    return {};
}

}  // namespace

TEST_CASE("a service has typed values") {
    Folder folder;
    folder.file("compose.yaml", R"(
services:
  web:
    image: nginx
    command: sh -c 'echo "a b"'
    ports: ["127.0.0.1:8080:80"]
    volumes: ["data:/d:ro", "./x:/x"]
    mem_limit: 64m
    stop_grace_period: 1m30s
    depends_on: {db: {condition: service_healthy}}
    healthcheck: {test: curl x, retries: 4}
    deploy: {replicas: 2, resources: {limits: {cpus: "0.5", memory: 64m}}}
  db: {image: postgres}
volumes: {data: }
)");
    Project project = folder.load();
    const Service& web = project.services.at("web");
    CHECK(web.command == StringList{"sh", "-c", "echo \"a b\""});
    CHECK(web.ports.at(0).publishedFirst == 8080);
    CHECK(web.ports.at(0).hostIp == "127.0.0.1");
    CHECK(web.mounts.at(0).readOnly);
    CHECK(web.mounts.at(1).source == (folder.path / "x").string());
    CHECK(web.memoryLimit() == 64 << 20);
    CHECK(web.stopGracePeriod->milliseconds() == 90000);
    CHECK(web.dependsOn.at("db").condition == Condition::Healthy);
    CHECK(web.healthcheck->test.front() == "CMD-SHELL");
    CHECK(web.replicas() == 2);
    CHECK(web.cpuLimit() == 0.5);
    CHECK(project.volumes.at("data").name == "p_data");
    CHECK(project.networks.at("default").name == "p_default");
}

TEST_CASE("errors say file, line, column and the nearest name") {
    auto problems = problemsOf("services:\n  a:\n    image: x\n    depend_on: [b]\n");
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].line == 4);
    CHECK(problems[0].column == 5);
    CHECK(problems[0].snippet == "    depend_on: [b]");
    CHECK(problems[0].hint == "did you mean `depends_on`?");
    CHECK(problems[0].text().find("    ^") != std::string::npos);
}

TEST_CASE("all independent errors come in one run") {
    CHECK(problemsOf("services:\n  a: {imagee: x, ports: 80}\n  b: {image: 3}\n").size() == 3);
    CHECK(problemsOf("services:\n  a: {image: x, mem_limit: lots, stop_grace_period: soon}\n").size() == 2);
    CHECK(problemsOf("services:\n  a: {image: x, networks: [n], depends_on: [b], secrets: [s]}\n").size() == 3);
}

TEST_CASE("warnings are Docker Compose's, once each") {
    Folder folder;
    folder.file("compose.yaml", "version: '3'\nservices:\n  a: {image: 'x$NO', user: '$NO', tty: 'yes', env_file: e, networks: [n]}\n"
                                "networks: {n: {external: {name: q}}}\n").file("e", "A=$NO\n");
    LoadRequest request = folder.request();
    StringList warnings;
    request.warn = [&](const std::string& text) { warnings.push_back(text); };
    load(request);
    REQUIRE(warnings.size() == 4);
    CHECK(warnings[0] == "The \"NO\" variable is not set. Defaulting to a blank string.");
    CHECK(warnings[1] == "\"yes\" for boolean is not supported by YAML 1.2, please use `true`");
    CHECK(warnings[2].find("`version` is obsolete") != std::string::npos);
    CHECK(warnings[3] == "networks.n: external.name is deprecated. Please set name and external: true");
}

TEST_CASE("hostile files are refused") {
    std::string bomb = "x-a: &a [l,l,l,l,l,l,l,l,l]\n";
    for (char c = 'b'; c < 'j'; ++c) {
        std::string alias = std::string("*") + static_cast<char>(c - 1);
        bomb += std::string("x-") + c + ": &" + c + " [";
        for (int i = 0; i < 9; ++i) bomb += alias + (i < 8 ? ", " : "]\n");
    }
    CHECK(problemsOf(bomb).size() == 1);
    CHECK(problemsOf("x: " + std::string(100000, '[')).size() == 1);
    CHECK(problemsOf(std::string("services: {a: {image: \"x\0\"}}", 29)).size() == 1);
    CHECK(problemsOf("services: {a: {image: \xff}}").size() == 1);
    CHECK(problemsOf("services:\n  a: &a {image: x, x-y: *a}\n").size() == 1);
    CHECK(problemsOf("").size() == 1);
}

TEST_CASE("the digest of a service follows what its containers are made from") {
    auto hash = [](const std::string& service) {
        Folder folder;
        folder.file("compose.yaml", "services:\n  b: {image: y}\n  a: " + service + "\n");
        return folder.load().services.at("a").configHash;
    };
    CHECK(hash("{image: x}") == hash("{image: x, scale: 3, depends_on: [b], profiles: []}"));
    CHECK(hash("{image: x}") != hash("{image: x, environment: {A: 1}}"));
    CHECK(hash("{image: x, environment: {A: 1}}") == hash("{image: x, environment: [A=1]}"));
}

TEST_CASE("extends and include keep paths relative to their own file") {
    Folder folder;
    folder.file("compose.yaml", "include: [sub/c.yaml]\nservices:\n  a: {extends: {file: other/b.yaml, service: base}}\n")
        .file("sub/c.yaml", "services:\n  inc: {image: x, volumes: [./d:/d]}\n")
        .file("other/b.yaml", "services:\n  base: {build: ./ctx}\n");
    Project project = folder.load();
    CHECK(project.services.at("inc").mounts.at(0).source == (folder.path / "sub/d").string());
    CHECK(project.services.at("a").build->context == (folder.path / "other/ctx").string());
}

TEST_CASE("profiles enable services, names on the command line as well") {
    Folder folder;
    folder.file("compose.yaml", "services:\n  a: {image: x}\n  t: {image: y, profiles: [tools]}\n");
    CHECK(folder.load().services.size() == 1);
    LoadRequest request = folder.request();
    request.profiles = {"tools"};
    CHECK(load(request).services.size() == 2);
    CHECK(loadSelected(folder.request(), {"t"}).services.contains("t"));
    CHECK_THROWS_AS(loadSelected(folder.request(), {"tt"}), LoadError);
}

TEST_CASE("what is printed loads as the same") {
    Folder folder;
    folder.file("compose.yaml", "services:\n  a: {image: 'x$$y', command: [\"a\\nb\", '- c', '#', ' d'], labels: {k: 'yes', n: '1'}}\n");
    std::string printed = render(folder.load(), {});
    Folder second;
    second.file("compose.yaml", printed);
    CHECK(render(second.load(), {}) == printed);
}

TEST_CASE("values that are no text survive printing: bytes as !!binary in YAML, as U+FFFD in JSON") {
    Folder folder;
    folder.file("compose.yaml", "services:\n  a: {image: x, environment: {A: \"${A}\"}}\n").file(".env", "A=n\x82$$x\n");
    Project project = folder.load();
    CHECK(render(project, {.json = true}).find("n\\ufffd$$x") != std::string::npos);
    std::string printed = render(project, {});
    CHECK(printed.find("A: !!binary ") != std::string::npos);
    Folder second;
    second.file("compose.yaml", printed);
    CHECK(second.load().services.at("a").environment.at("A") == "n\x82$x");
    CHECK(problemsOf("services: {a: {image: !!binary '?'}}\n").size() == 1);
}

TEST_CASE("a text that no YAML value can begin with is an error, not an endless row of empty documents") {
    CHECK(problemsOf("services: {a: {image: x}}\n...\n,\n").size() == 1);
    CHECK(problemsOf("a: x\n}\n").size() == 1);
    std::string many;
    for (int i = 0; i < 1001; ++i) many += "---\nx-a: 1\n";
    CHECK(problemsOf(many).size() == 1);
}

TEST_CASE("a quoted text that never ends is an error, also where its line is complete") {
    for (const char* text : {"services:\n  a:\n    image: \"x\n", "services:\n  a:\n    image: 'x\n\n", "services:\n  a:\n    image: \"x\\\"\n"}) {
        auto problems = problemsOf(text);
        REQUIRE(problems.size() == 1);
        CHECK(problems[0].line == 3);
    }
    CHECK(problemsOf("services:\n  a:\n    image: 'it''s'\n").empty());
    CHECK(problemsOf("services:\n  a:\n    image: \"x\\\\\"\n").empty());
}

TEST_CASE("what is missing has its place behind what stands before it") {
    auto problems = problemsOf("services:\n  a:\n\n\n");
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].line == 2);
    CHECK(problems[0].column == 5);
    CHECK(problems[0].text().find("\n  2 |   a:\n    |     ^") != std::string::npos);
}

TEST_CASE("of a long line the part around the place is shown, with the caret under it") {
    std::string line = "services: {a: {image: x, labels: {";
    for (int i = 0; i < 60; ++i) line += "é" + std::to_string(i) + ": v, ";
    line += "z: v}, imagee: 3, command: [";
    for (int i = 0; i < 60; ++i) line += "a, ";
    auto problems = problemsOf(line + "b]}}\n");
    REQUIRE(problems.size() == 1);
    std::string text = problems[0].text();
    std::size_t shown = text.find("\n  1 | ") + 1, below = text.find('\n', shown) + 1;
    std::size_t caret = text.find('^', below) - below;
    std::string snippet = text.substr(shown, below - 1 - shown);
    CHECK(snippet.size() < 200);
    std::size_t column = 0;  // in characters
    for (std::size_t i = 0; i < snippet.find("imagee"); ++i) column += (static_cast<unsigned char>(snippet[i]) & 0xC0U) != 0x80;
    CHECK(caret == column);
}

#include <doctest/doctest.h>

#include "compose/diagnostics.h"
#include "compose/merge.h"
#include "compose/render/yaml.h"
#include "compose/short_forms.h"
#include "compose/source/yaml.h"
#include "compose/unique.h"

using namespace devc::compose;

namespace {

/// Services "a" of two files merged, as YAML.
std::string merged(const std::string& base, const std::string& over) {
    Source first{"a", base}, second{"b", over};
    Node node = parseYaml(first).front();
    merge(node, parseYaml(second).front(), schema::service, "services.a");
    Problems problems;
    expandAll(node, schema::service, "services.a", false, problems);
    problems.throwIfAny();
    dropReplaced(node, schema::service);
    dropResets(node);
    return toYaml(node);
}

}  // namespace

TEST_CASE("lists are appended, mappings joined, scalars replaced") {
    CHECK(merged("{image: x, cap_add: [A], logging: {options: {a: b}}}", "{image: z, cap_add: [B, A], logging: {options: {c: d}}}") ==
          "image: z\ncap_add:\n  - A\n  - B\nlogging:\n  options:\n    a: b\n    c: d\n");
}

TEST_CASE("commands are replaced") { CHECK(merged("{command: [a, b]}", "{command: c}") == "command: c\n"); }

TEST_CASE("options of another logging driver are replaced") {
    CHECK(merged("{logging: {driver: a, options: {x: z}}}", "{logging: {driver: b}}") == "logging:\n  driver: b\n");
}

TEST_CASE("environment joins lists and mappings by name") {
    CHECK(merged("{environment: [A=1, B=1]}", "{environment: {B: 2, C: 3}}") == "environment:\n  - A=1\n  - B=2\n  - C=3\n");
}

TEST_CASE("volumes are one for a target, ports for a binding") {
    CHECK(merged("{ports: ['80:80', '81:81']}", "{ports: ['80:80']}") == merged("{ports: ['80:80', '81:81']}", "{}"));
    std::string volumes = merged("{volumes: ['aa:/x', 'bb:/y']}", "{volumes: ['cc:/x']}");
    CHECK(volumes.find("source: cc") < volumes.find("source: bb"));
    CHECK(volumes.find("source: aa") == std::string::npos);
}

TEST_CASE("reset drops and override replaces what earlier files said") {
    CHECK(merged("{cap_add: [A], command: [x], environment: {A: 1, B: 2}}",
                 "{cap_add: !override [B], command: !reset null, environment: {A: !reset null}}") ==
          "cap_add:\n  - B\nenvironment:\n  - B=2\n");
}

TEST_CASE("what has no value leaves what was said, and a list has nothing to reset") {
    CHECK(merged("{user: a, ports: [80]}", "{user: null, ports: null}") == merged("{user: a, ports: [80]}", "{}"));
    CHECK(merged("{environment: [A=1]}", "{environment: {A: !reset null}}") == "environment:\n  - A=1\n");
}

TEST_CASE("short and long forms meet") {
    CHECK(merged("{build: ./x}", "{build: {target: t}}") == "build:\n  context: ./x\n  target: t\n");
    CHECK(merged("{networks: [net]}", "{networks: {m: {priority: 1}}}") == "networks:\n  net: null\n  m:\n    priority: 1\n");
}

TEST_CASE("a list cannot be merged with a mapping") { CHECK_THROWS_AS(merged("{ports: [80]}", "{ports: {a: b}}"), LoadError); }

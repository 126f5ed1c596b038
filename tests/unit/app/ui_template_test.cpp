#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "app/ui/listing.h"
#include "engine/template/template.h"
#include "engine/error.h"

using devc::app::Listing;
using devc::engine::Template;
using nlohmann::json;

namespace {

const json container = {{"Name", "/web"},
                        {"State", {{"Status", "running"}, {"ExitCode", 0}, {"OOMKilled", false}}},
                        {"Config", {{"Labels", {{"a.b", "1"}}}, {"Env", {"A=1", "B=2"}}}},
                        {"NetworkSettings", {{"Ports", {{"80/tcp", {{{"HostIp", "0.0.0.0"}, {"HostPort", "8080"}}}}}}}}};

std::string rendered(const char* text) { return Template::parse(text).render(container); }

}  // namespace

TEST_CASE("a field of a field is printed") { CHECK(rendered("{{.State.Status}} {{.State.ExitCode}}") == "running 0"); }

TEST_CASE("index takes keys with dots and places of a list") {
    CHECK(rendered("{{index .Config.Labels \"a.b\"}}") == "1");
    CHECK(rendered("{{(index (index .NetworkSettings.Ports \"80/tcp\") 0).HostPort}}") == "8080");
}

TEST_CASE("range walks lists and maps") {
    CHECK(rendered("{{range .Config.Env}}{{.}};{{end}}") == "A=1;B=2;");
    CHECK(rendered("{{range $p, $b := .NetworkSettings.Ports}}{{$p}}={{(index $b 0).HostPort}}{{end}}") == "80/tcp=8080");
}

TEST_CASE("many variables do not take the dot away") {
    std::string text;
    for (char name = 'a'; name <= 'p'; ++name) text += std::string("{{$") + name + " := .Name}}";
    CHECK(rendered((text + "{{.State.Status}}").c_str()) == "running");
}

TEST_CASE("if, eq and else decide") {
    CHECK(rendered("{{if eq .State.Status \"running\"}}yes{{else}}no{{end}}") == "yes");
    CHECK(rendered("{{if .State.OOMKilled}}yes{{else}}no{{end}}") == "no");
}

TEST_CASE("json, join, upper and lower are functions") {
    CHECK(rendered("{{json .Config.Env}}") == R"(["A=1","B=2"])");
    CHECK(rendered("{{join .Config.Env \",\"}} {{upper .State.Status}} {{lower \"ABC\"}}") == "A=1,B=2 RUNNING abc");
}

TEST_CASE("a label that is not there has no value, a field that is not there is an error") {
    CHECK(rendered("{{.Config.Labels.missing}}") == "<no value>");
    CHECK_THROWS_AS(rendered("{{.Config.Missing}}"), devc::engine::Error);
}

TEST_CASE("a template that cannot be read ends with docker's status") {
    try {
        Template::parse("{{.Name");
        FAIL("no error");
    } catch (const devc::engine::Error& error) {
        CHECK(std::string(error.what()).find("template parsing error") != std::string::npos);
        CHECK(error.exitStatus() == 64);
    }
}

TEST_CASE("a listing is a table, JSON lines or a template") {
    const json row = {{"ID", "abc"}, {"RunningFor", "2 hours ago"}};
    Listing table("", "{{.ID}}\t{{.RunningFor}}", {{"ID", "CONTAINER ID"}, {"RunningFor", "CREATED"}});
    table.add(row);
    CHECK(table.text() == "CONTAINER ID   CREATED\nabc            2 hours ago\n");
    Listing lines("json", "");
    lines.add(row);
    CHECK(lines.text() == R"({"ID":"abc","RunningFor":"2 hours ago"})" "\n");
    Listing own("{{.ID}}:{{.RunningFor}}", "");
    own.add(row);
    CHECK(own.text() == "abc:2 hours ago\n");
}

TEST_CASE("a label is asked for by name") {
    Listing own("{{.Label \"tier\"}}", "");
    own.add({{"ID", "abc"}}, {{"tier", "front"}});
    CHECK(own.text() == "front\n");
}

TEST_CASE("a template that would run for ever or fill the memory is refused") {
    for (const char* endless : {"{{range 9999999999}}{{end}}", "{{range 9999999}}text{{end}}",
                                "{{$x := \"aaaaaaaa\"}}{{range 64}}{{$x = print $x $x}}{{end}}",
                                "{{$x := \"aaaaaaaa\"}}{{range 22}}{{$x = print $x $x}}{{end}}{{range 1000}}{{range split $x \"\"}}{{end}}{{end}}"})
        CHECK_THROWS_WITH_AS(rendered(endless), doctest::Contains("repeats too much"), devc::engine::Error);
    std::string doubled = "{{\"'\"";
    for (int time = 0; time < 64; ++time) doubled += " | js";
    CHECK_THROWS_WITH_AS(Template::parse(doubled + "}}").header({}), doctest::Contains("repeats too much"), devc::engine::Error);
}

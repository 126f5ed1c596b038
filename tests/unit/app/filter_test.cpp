#include <doctest/doctest.h>

#include "app/filter/container_query.h"
#include "app/filter/event_query.h"
#include "app/filter/filters.h"
#include "app/filter/name_pattern.h"
#include "engine/container/containers.h"
#include "engine/error.h"
#include "engine/event/events.h"

using namespace devc::app;
using devc::engine::Error;

namespace {

std::string never(const std::string& name) { throw Error("no container " + name); }

}  // namespace

TEST_CASE("all labels have to be there, and not all that are unwanted") {
    const Labels labels = {{"a", "1"}, {"b", ""}};
    const auto accepted = [&](const std::vector<std::string>& texts) { return Filters(texts, {"label", "label!"}).acceptLabels(labels); };
    CHECK(accepted({}));
    CHECK(accepted({"label=a"}));
    CHECK(accepted({"label=a=1", "label=b", "label=b="}));
    CHECK_FALSE(accepted({"label=a=1", "label=c"}));
    CHECK_FALSE(accepted({"label=a=2"}));
    CHECK_FALSE(accepted({"label!=a"}));
    CHECK(accepted({"label!=a", "label!=c"}));
}

TEST_CASE("a filter that is none says so before anything is done") {
    CHECK_THROWS_AS(Filters({"label"}, {"label"}), Error);
    CHECK_THROWS_AS(Filters({"color=red"}, {"label"}), Error);
    CHECK_THROWS_AS(Filters({"until=yesterday"}, {"until"}), Error);
    CHECK_THROWS_AS(ContainerQuery({"status=gone"}, never), Error);
    CHECK_THROWS_AS(ContainerQuery({"before=web"}, never), Error);
    CHECK_THROWS_AS(EventQuery({"until=1m"}), Error);
}

TEST_CASE("until is a time or an age") {
    const std::string created = "2020-01-01T00:00:00Z";
    CHECK(Filters({"until=1h"}, {"until"}).acceptTime(created));
    CHECK(Filters({"until=2020-01-02"}, {"until"}).acceptTime(created));
    CHECK(Filters({"until=9999-12-31"}, {"until"}).acceptTime(created));
    CHECK_FALSE(Filters({"until=2019-01-01"}, {"until"}).acceptTime(created));
    CHECK_FALSE(Filters({"until=1h"}, {"until"}).acceptTime(""));
    CHECK(Filters({}, {"until"}).acceptTime(""));
}

TEST_CASE("containers are chosen by what is said of them") {
    devc::engine::Container web;
    web.id = "0123456789ab";
    web.name = "web-1";
    web.spec.image = "nginx:1.25";
    web.spec.labels = {{"a", "1"}};
    web.state.status = devc::engine::Status::Exited;
    web.state.exitCode = 3;
    const auto accepted = [&](const std::vector<std::string>& texts) { return ContainerQuery(texts, never).accepts(web); };
    CHECK(accepted({"status=running", "status=exited", "exited=3", "label=a", "name=web", "id=0123", "ancestor=nginx:1.25", "health=none"}));
    CHECK_FALSE(accepted({"status=running"}));
    CHECK_FALSE(accepted({"name=web", "label=b"}));
    CHECK_FALSE(accepted({"exited=0"}));
    CHECK(ContainerQuery({"exited=0"}, never).looksAtAll());
    CHECK_FALSE(ContainerQuery({"name=web"}, never).looksAtAll());
}

TEST_CASE("names match parts, their ends with ^ and $") {
    CHECK(isNamed("web-1", "eb"));
    CHECK(isNamed("web-1", "^web"));
    CHECK(isNamed("web-1", "^/web-1$"));
    CHECK(isNamed("web-1", "-1$"));
    CHECK_FALSE(isNamed("web-1", "^eb"));
    CHECK_FALSE(isNamed("web-10", "^web-1$"));
}

TEST_CASE("patterns take any byte and any number of bytes within a component") {
    CHECK(matchesPattern("busy*", "busybox:latest"));
    CHECK(matchesPattern("*/app:?", "team/app:1"));
    CHECK(matchesPattern("*", ""));
    CHECK(matchesPattern("a*b*c", "abbbcbc"));
    CHECK_FALSE(matchesPattern("*app:1", "team/app:1"));
    CHECK_FALSE(matchesPattern("busybox", "busybox:latest"));
    CHECK_FALSE(matchesPattern("a?c", "ac"));
}

TEST_CASE("a pattern of many stars takes no time") {
    std::string stars;
    for (int i = 0; i < 60; ++i) stars += "*a";
    CHECK_FALSE(matchesPattern(stars + "b", std::string(120, 'a')));
}

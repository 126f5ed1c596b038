#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "app/filter/container_query.h"
#include "app/filter/event_query.h"
#include "app/filter/filters.h"
#include "app/filter/name_pattern.h"
#include "engine/container/containers.h"
#include "engine/error.h"
#include "engine/event/events.h"
#include "engine/timestamp.h"
#include "tests/fuzz/input.h"

using namespace devc::app;
using devc::engine::Error;

namespace {

void expect(bool good, const char* what, const std::string& about) {
    if (good) return;
    std::fprintf(stderr, "%s: '%s'\n", what, about.c_str());
    std::abort();
}

std::vector<std::string> linesOf(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

const devc::engine::Container& container() {
    static const devc::engine::Container one = [] {
        devc::engine::Container made;
        made.id = "0123456789abcdef";
        made.name = "web-1";
        made.created = "2026-01-31T10:00:00.000000001Z";
        made.spec.image = "docker.io/library/nginx:1.25";
        made.spec.imageId = "sha256:fedcba9876543210";
        made.spec.labels = {{"com.example.a", "1"}, {"empty", ""}};
        made.spec.exposed = {"80/tcp"};
        made.spec.mounts.push_back({.source = "data", .target = "/data"});
        made.state.status = devc::engine::Status::Exited;
        made.state.exitCode = 137;
        devc::engine::EndpointInfo endpoint;
        endpoint.networkId = "abcd";
        endpoint.networkName = "shop_default";
        endpoint.published.push_back({.containerPort = 80, .protocol = "tcp", .hostIp = "", .hostPort = 8080, .hostPortEnd = 0});
        made.endpoints.push_back(endpoint);
        return made;
    }();
    return one;
}

template <typename Work>
void attempt(Work&& work) {
    try {
        work();
    } catch (const Error&) {
    }
}

/// A moment that is understood is understood as the same when it is written as devc writes it.
void moments(const std::string& text) {
    std::int64_t moment = 0;
    try {
        moment = devc::engine::parseMoment(text, 1'769'853'600'000'000'000);
    } catch (const Error&) {
        return;
    }
    expect(devc::engine::parseMoment(devc::engine::formatMoment(moment), 0) == moment, "another moment when written", text);
}

/// A pattern's own text is matched by it unless a `*` would have to take a '/'; what has no wildcard matches nothing else.
void patterns(const std::string& pattern) {
    const bool plain = pattern.find_first_of("*?") == std::string::npos;
    for (std::string_view text : {"busybox:latest", "registry.example/team/app:1", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""}) {
        const bool matches = matchesPattern(pattern, text);
        if (plain) expect(matches == (pattern == text), "no wildcard, but not what is the same", pattern);
        isNamed(text, pattern);
    }
    expect(matchesPattern(pattern, pattern), "does not match itself", pattern);
    expect(isNamed(pattern, pattern) || pattern.starts_with('^') || pattern.ends_with('$'), "is no part of itself", pattern);
}

}  // namespace

/// `--filter` of the commands that list and prune, a line each, against a container and an event. Lines that start with '-' are labels of
/// the event, "key=value"; each of them has to be found by itself.
void fuzz(std::string_view text) {
    devc::engine::Event event{"2026-01-31T10:00:00.000000001Z", "container", "health_status: healthy", "0123456789abcdef", {{"name", "web"}, {"image", "nginx:1"}}};
    std::vector<std::string> filters;
    for (const std::string& line : linesOf(text)) {
        if (!line.starts_with('-')) filters.push_back(line);
        else if (const std::size_t equals = line.find('='); equals != std::string::npos) event.attributes[line.substr(1, equals - 1)] = line.substr(equals + 1);
    }
    attempt([&] {
        const ContainerQuery query(filters, [](const std::string& name) { return name + container().created; });
        query.looksAtAll();
        query.accepts(container());
    });
    attempt([&] { EventQuery(filters).accepts(event); });
    attempt([&] {
        const Filters prune(filters, {"label", "label!", "until"});
        prune.acceptTime(container().created);
        if (prune.acceptLabels(event.attributes)) expect(matchesLabels(event.attributes, prune.values("label")), "accepted without the labels", std::string(text));
    });
    for (const auto& [key, value] : event.attributes) {
        const Filters whole({"label=" + key + "=" + value}, {"label"}), part({"label=" + key}, {"label"}), without({"label!=" + key}, {"label!"});
        expect(whole.acceptLabels(event.attributes), "label not found", key + "=" + value);
        expect(part.acceptLabels(event.attributes) && !without.acceptLabels(event.attributes), "label not found by its key", key);
    }
    for (const std::string& filter : filters) {
        const std::string value = filter.substr(filter.find('=') + 1);
        moments(value);
        if (value.size() <= 256) patterns(value);
    }
}

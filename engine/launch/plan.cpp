#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/launch/launch.h"

namespace devc::engine {

using Json = nlohmann::json;

namespace {

Json toJson(const EndpointPlan& e) {
    return {{"networkId", e.networkId}, {"networkName", e.networkName}, {"bridge", e.bridge},
            {"hostInterface", e.hostInterface}, {"interfaceName", e.interfaceName}, {"mac", e.mac}, {"ipv4", e.ipv4},
            {"ipv6", e.ipv6}, {"gateway4", e.gateway4}, {"gateway6", e.gateway6}, {"linkLocalIps", e.linkLocalIps}, {"mtu", e.mtu},
            {"parent", e.parent}, {"mode", e.mode}, {"isolated", e.isolated}};
}

EndpointPlan endpointFrom(const Json& json) {
    EndpointPlan e;
    json.at("networkId").get_to(e.networkId);
    json.at("networkName").get_to(e.networkName);
    json.at("bridge").get_to(e.bridge);
    json.at("hostInterface").get_to(e.hostInterface);
    json.at("interfaceName").get_to(e.interfaceName);
    json.at("mac").get_to(e.mac);
    json.at("ipv4").get_to(e.ipv4);
    json.at("ipv6").get_to(e.ipv6);
    json.at("gateway4").get_to(e.gateway4);
    json.at("gateway6").get_to(e.gateway6);
    json.at("linkLocalIps").get_to(e.linkLocalIps);
    json.at("mtu").get_to(e.mtu);
    // Not in the plans of older versions.
    e.parent = json.value("parent", "");
    e.mode = json.value("mode", "");
    e.isolated = json.value("isolated", false);
    return e;
}

Json toJson(const HealthCheck& check) {
    return {{"test", check.test}, {"interval", check.interval.count()}, {"timeout", check.timeout.count()},
            {"startPeriod", check.startPeriod.count()}, {"startInterval", check.startInterval.count()}, {"retries", check.retries}};
}

HealthCheck healthFrom(const Json& json) {
    HealthCheck check;
    json.at("test").get_to(check.test);
    check.interval = Nanoseconds(json.at("interval").get<std::int64_t>());
    check.timeout = Nanoseconds(json.at("timeout").get<std::int64_t>());
    check.startPeriod = Nanoseconds(json.at("startPeriod").get<std::int64_t>());
    check.startInterval = Nanoseconds(json.at("startInterval").get<std::int64_t>());
    json.at("retries").get_to(check.retries);
    return check;
}

Json toJson(const LogSource& source) {
    return {{"id", source.id}, {"name", source.name}, {"imageId", source.imageId}, {"imageName", source.imageName}, {"command", source.command},
            {"created", source.created}, {"host", source.host}, {"tag", source.tag}, {"attributes", source.attributes}};
}

LogSource logSourceFrom(const Json& json) {
    LogSource source;
    json.at("id").get_to(source.id);
    json.at("name").get_to(source.name);
    json.at("imageId").get_to(source.imageId);
    json.at("imageName").get_to(source.imageName);
    json.at("command").get_to(source.command);
    json.at("created").get_to(source.created);
    json.at("host").get_to(source.host);
    json.at("tag").get_to(source.tag);
    json.at("attributes").get_to(source.attributes);
    return source;
}

}  // namespace

std::string encode(const MonitorPlan& plan) {
    Json endpoints = Json::array();
    for (const EndpointPlan& endpoint : plan.endpoints) endpoints.push_back(toJson(endpoint));
    Json json = {
        {"id", plan.id}, {"name", plan.name}, {"stateDir", plan.stateDir}, {"runDir", plan.runDir}, {"lowers", plan.lowers},
        {"upper", plan.upper}, {"work", plan.work}, {"user", plan.user}, {"groupAdd", plan.groupAdd}, {"endpoints", std::move(endpoints)},
        {"resolver", plan.resolver}, {"joins", plan.joins}, {"upstreams", plan.upstreams}, {"links", plan.links}, {"stopSignal", plan.stopSignal},
        {"stopTimeout", plan.stopTimeout.count()}, {"health", toJson(plan.health)},
        {"restart", {{"condition", static_cast<int>(plan.restart.condition)}, {"maximumRetries", plan.restart.maximumRetries}}},
        {"autoRemove", plan.autoRemove}, {"endsWithCaller", plan.endsWithCaller}, {"openStdin", plan.openStdin},
        {"stdinOnce", plan.stdinOnce}, {"tty", plan.tty},
        {"init", plan.init}, {"logDriver", plan.logDriver}, {"logOptions", plan.logOptions}, {"logSource", toJson(plan.logSource)},
        {"runtime", plan.runtime}, {"seccompFilter", plan.seccompFilter},
        {"reaper", plan.reaper}, {"eventAttributes", plan.eventAttributes},
    };
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

MonitorPlan decodeMonitorPlan(std::string_view text) {
    try {
        Json json = Json::parse(text);
        MonitorPlan plan;
        json.at("id").get_to(plan.id);
        json.at("name").get_to(plan.name);
        json.at("stateDir").get_to(plan.stateDir);
        json.at("runDir").get_to(plan.runDir);
        json.at("lowers").get_to(plan.lowers);
        json.at("upper").get_to(plan.upper);
        json.at("work").get_to(plan.work);
        json.at("user").get_to(plan.user);
        json.at("groupAdd").get_to(plan.groupAdd);
        for (const Json& endpoint : json.at("endpoints")) plan.endpoints.push_back(endpointFrom(endpoint));
        json.at("resolver").get_to(plan.resolver);
        json.at("upstreams").get_to(plan.upstreams);
        json.at("links").get_to(plan.links);
        plan.joins = json.value("joins", plan.joins);  // not of containers that an older devc started
        json.at("stopSignal").get_to(plan.stopSignal);
        plan.stopTimeout = Nanoseconds(json.at("stopTimeout").get<std::int64_t>());
        plan.health = healthFrom(json.at("health"));
        plan.restart.condition = static_cast<RestartCondition>(json.at("restart").at("condition").get<int>());
        json.at("restart").at("maximumRetries").get_to(plan.restart.maximumRetries);
        json.at("autoRemove").get_to(plan.autoRemove);
        plan.endsWithCaller = json.value("endsWithCaller", false);
        json.at("openStdin").get_to(plan.openStdin);
        json.at("stdinOnce").get_to(plan.stdinOnce);
        json.at("tty").get_to(plan.tty);
        json.at("init").get_to(plan.init);
        json.at("logDriver").get_to(plan.logDriver);
        json.at("logOptions").get_to(plan.logOptions);
        // Plans of earlier versions have neither.
        if (json.contains("logSource")) plan.logSource = logSourceFrom(json.at("logSource"));
        plan.runtime = json.value("runtime", "");
        json.at("seccompFilter").get_to(plan.seccompFilter);
        json.at("reaper").get_to(plan.reaper);
        json.at("eventAttributes").get_to(plan.eventAttributes);
        return plan;
    } catch (const Json::exception& error) {
        throw Error::of("the plan of a container's monitor cannot be read: {}", error.what());
    }
}

}  // namespace devc::engine

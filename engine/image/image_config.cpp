#include "engine/image/image_config.h"

#include <sys/utsname.h>

#include <nlohmann/json.hpp>

#include "engine/error.h"

namespace devc::engine {

using nlohmann::json;

namespace {

const json& member(const json& object, const char* name) {
    static const json none;
    auto found = object.find(name);
    return found == object.end() ? none : *found;
}

std::string text(const json& object, const char* name) {
    const json& value = member(object, name);
    if (value.is_null()) return {};
    if (!value.is_string()) throw Error::of("the image configuration's {} is not a string", name);
    return value.get<std::string>();
}

std::vector<std::string> texts(const json& object, const char* name) {
    const json& value = member(object, name);
    std::vector<std::string> list;
    if (value.is_null()) return list;
    if (!value.is_array()) throw Error::of("the image configuration's {} is not a list", name);
    for (const json& item : value) {
        if (!item.is_string()) throw Error::of("the image configuration's {} has an item that is not a string", name);
        list.push_back(item.get<std::string>());
    }
    return list;
}

/// ExposedPorts and Volumes are objects whose keys are the values.
std::vector<std::string> keys(const json& object, const char* name) {
    const json& value = member(object, name);
    std::vector<std::string> list;
    if (value.is_null()) return list;
    if (!value.is_object()) throw Error::of("the image configuration's {} is not an object", name);
    for (auto item = value.begin(); item != value.end(); ++item) list.push_back(item.key());
    return list;
}

Nanoseconds span(const json& object, const char* name) {
    const json& value = member(object, name);
    return Nanoseconds(value.is_number_integer() ? value.get<std::int64_t>() : 0);
}

}  // namespace

ImageConfig imageConfigFrom(const json& ociConfig) {
    ImageConfig config;
    const json& from = member(ociConfig, "config");
    if (from.is_null()) return config;
    if (!from.is_object()) throw Error("the image configuration's config is not an object");
    config.entrypoint = texts(from, "Entrypoint");
    config.command = texts(from, "Cmd");
    config.environment = texts(from, "Env");
    config.exposedPorts = keys(from, "ExposedPorts");
    config.volumes = keys(from, "Volumes");
    config.onBuild = texts(from, "OnBuild");
    config.shell = texts(from, "Shell");
    config.workingDir = text(from, "WorkingDir");
    config.user = text(from, "User");
    config.stopSignal = text(from, "StopSignal");
    if (const json& labels = member(from, "Labels"); labels.is_object())
        for (auto label = labels.begin(); label != labels.end(); ++label)
            config.labels[label.key()] = label->is_string() ? label->get<std::string>() : label->dump();
    if (const json& check = member(from, "Healthcheck"); check.is_object()) {
        HealthCheck health;
        health.test = texts(check, "Test");
        health.interval = span(check, "Interval");
        health.timeout = span(check, "Timeout");
        health.startPeriod = span(check, "StartPeriod");
        health.startInterval = span(check, "StartInterval");
        const json& retries = member(check, "Retries");
        health.retries = retries.is_number_integer() ? retries.get<int>() : 0;
        config.healthcheck = health;
    }
    return config;
}

std::string machineArchitecture() {
    utsname machine{};
    ::uname(&machine);
    std::string name = machine.machine;
    if (name == "x86_64") return "amd64";
    if (name == "aarch64") return "arm64";
    if (name.starts_with("armv")) return "arm";
    if (name == "i686") return "386";
    return name;
}

json emptyOciConfig(const std::string& created) {
    return {{"created", created},
            {"architecture", machineArchitecture()},
            {"os", "linux"},
            {"config", json::object()},
            {"rootfs", {{"type", "layers"}, {"diff_ids", json::array()}}},
            {"history", json::array()}};
}

}  // namespace devc::engine

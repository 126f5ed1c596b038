#include "engine/build/stage_config.h"

namespace devc::engine::build {

using nlohmann::json;

namespace {
constexpr const char* defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

StageConfig::StageConfig(std::string architecture, std::string created)
    : document_({{"architecture", std::move(architecture)}, {"os", "linux"}, {"config", json::object()}, {"history", json::array()}}), created_(std::move(created)) {
    setEnvironment("PATH", defaultPath);
}

StageConfig::StageConfig(json document, std::size_t layers, std::string created) : document_(std::move(document)), created_(std::move(created)) {
    for (const char* key : {"created", "container", "container_config", "docker_version", "rootfs", "id", "parent"}) document_.erase(key);
    if (!document_.contains("config") || !document_["config"].is_object()) document_["config"] = json::object();
    for (const char* key : {"Image", "Hostname", "Domainname"}) document_["config"].erase(key);
    if (!document_.contains("history") || !document_["history"].is_array()) document_["history"] = json::array();
    std::size_t known = 0;
    for (const json& entry : document_["history"]) known += entry.is_object() && entry.value("empty_layer", false) ? 0 : 1;
    for (; known < layers; ++known) addEntry({{"comment", "imported"}});
    bool hasPath = false;
    for (const auto& [name, value] : environment()) hasPath = hasPath || name == "PATH";
    if (!hasPath) setEnvironment("PATH", defaultPath);
}

std::vector<std::string> StageConfig::list(const char* key) const {
    std::vector<std::string> values;
    const json& config = document_["config"];
    if (const auto found = config.find(key); found != config.end() && found->is_array())
        for (const json& value : *found)
            if (value.is_string()) values.push_back(value.get<std::string>());
    return values;
}

std::string StageConfig::text(const char* key) const {
    const json& config = document_["config"];
    const auto found = config.find(key);
    return found != config.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<std::pair<std::string, std::string>> StageConfig::environment() const {
    std::vector<std::pair<std::string, std::string>> result;
    for (const std::string& entry : list("Env")) {
        const std::size_t equals = entry.find('=');
        result.emplace_back(entry.substr(0, equals), equals == std::string::npos ? "" : entry.substr(equals + 1));
    }
    return result;
}

void StageConfig::setEnvironment(const std::string& name, const std::string& value) {
    json& environment = document_["config"]["Env"];
    if (!environment.is_array()) environment = json::array();
    for (json& entry : environment)
        if (entry.is_string() && entry.get<std::string>().starts_with(name + "=")) {
            entry = name + "=" + value;
            return;
        }
    environment.push_back(name + "=" + value);
}

std::vector<std::string> StageConfig::shell() const {
    std::vector<std::string> shell = list("Shell");
    return shell.empty() ? std::vector<std::string>{"/bin/sh", "-c"} : shell;
}

void StageConfig::addHistory(const std::string& createdBy, bool hasLayer) {
    json entry = {{"created_by", createdBy}, {"comment", "buildkit.dockerfile.v0"}};
    if (!hasLayer) entry["empty_layer"] = true;
    addEntry(std::move(entry));
}

void StageConfig::addEntry(json entry) {
    if (!created_.empty()) entry["created"] = created_;
    document_["history"].push_back(std::move(entry));
}

std::vector<std::string> StageConfig::takeTriggers() {
    std::vector<std::string> triggers = list("OnBuild");
    document_["config"].erase("OnBuild");
    return triggers;
}

}  // namespace devc::engine::build

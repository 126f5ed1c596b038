#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace devc::engine::build {

/// The OCI image configuration of a stage as its instructions change it (image-spec config.md, and docker's additions
/// Healthcheck, OnBuild, Shell), with its history in BuildKit's words.
class StageConfig {
public:
    /// Of `scratch`. `created` is the time of all history entries, RFC 3339; empty: not known yet, see completeTimes().
    StageConfig(std::string architecture, std::string created);
    /// Of a base image whose configuration is `document`, with `layers` layers.
    StageConfig(nlohmann::json document, std::size_t layers, std::string created);

    nlohmann::json& config() { return document_["config"]; }
    const nlohmann::json& document() const { return document_; }
    nlohmann::json& document() { return document_; }

    std::vector<std::string> list(const char* key) const;
    std::string text(const char* key) const;
    /// Environment of the image, in order.
    std::vector<std::pair<std::string, std::string>> environment() const;
    void setEnvironment(const std::string& name, const std::string& value);
    std::vector<std::string> shell() const;
    void addHistory(const std::string& createdBy, bool hasLayer);
    /// The triggers of ONBUILD, which are taken out.
    std::vector<std::string> takeTriggers();

private:
    void addEntry(nlohmann::json entry);
    nlohmann::json document_;
    std::string created_;
};

}  // namespace devc::engine::build

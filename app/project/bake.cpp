#include "app/project/bake.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "compose/model/service_reference.h"

namespace devc::app {
namespace {

using Json = nlohmann::ordered_json;

/// Names of targets hold no dots.
std::string targetOf(std::string service) {
    std::replace(service.begin(), service.end(), '.', '_');
    return service;
}

template <typename Value>
void put(Json& target, const char* key, const Value& value) {
    if (value != Value{}) target[key] = value;
}

std::string secretOf(const engine::BuildSecret& secret) {
    return secret.environment.empty() ? fmt::format("id={},type=file,src={}", secret.id, secret.file) : fmt::format("id={},type=env,env={}", secret.id, secret.environment);
}

std::map<std::string, std::string> contextsOf(const compose::Build& build) {
    std::map<std::string, std::string> contexts;
    for (const auto& [name, value] : build.additionalContexts) {
        const std::optional<std::string> service = compose::referencedService(value);
        contexts[name] = service ? "target:" + targetOf(*service) : value;
    }
    return contexts;
}

std::map<std::string, std::string> argumentsOf(const engine::BuildRequest& request) {
    std::map<std::string, std::string> arguments;
    for (const auto& [name, value] : request.arguments) {
        if (value) arguments[name] = *value;
        else if (const char* inherited = std::getenv(name.c_str())) arguments[name] = inherited;
    }
    return arguments;
}

std::vector<std::string> attestationsOf(const compose::Build& build) {
    std::vector<std::string> attestations;
    for (const auto& [type, value] : {std::pair("provenance", build.provenance), std::pair("sbom", build.sbom)}) {
        if (value.empty() || value == "false") continue;
        attestations.push_back(fmt::format("type={}{}{}", type, value == "true" ? "" : ",", value == "true" ? "" : value));
    }
    return attestations;
}

std::vector<std::string> entitlementsOf(const compose::Build& build) {
    std::vector<std::string> entitlements = build.entitlements;
    if (build.privileged) entitlements.emplace_back(insecureEntitlement);
    return entitlements;
}

Json targetFor(const compose::Project& project, const compose::Service& service, const BuildOptions& options, bool push) {
    const compose::Build& build = *service.build;
    const engine::BuildRequest request = buildRequest(project, service, options);
    Json target;
    put(target, "context", request.context.string());
    put(target, "contexts", contextsOf(build));
    if (request.dockerfileText) {
        target["dockerfile-inline"] = *request.dockerfileText;
    } else {
        std::filesystem::path file = request.dockerfile.empty() ? "Dockerfile" : request.dockerfile;
        if (request.context.is_absolute() && file.is_relative()) file = request.context / file;
        target["dockerfile"] = file.string();
    }
    put(target, "args", argumentsOf(request));
    put(target, "labels", request.labels);
    put(target, "tags", request.tags);
    put(target, "cache-from", request.cacheFrom);
    put(target, "cache-to", request.cacheTo);
    put(target, "target", request.target);
    std::vector<std::string> secrets, ulimits;
    for (const engine::BuildSecret& secret : request.secrets) secrets.push_back(secretOf(secret));
    put(target, "secret", secrets);
    put(target, "ssh", request.ssh);
    put(target, "platforms", build.platforms);
    put(target, "pull", request.pull);
    put(target, "no-cache", request.noCache);
    put(target, "no-cache-filter", request.noCacheStages);
    put(target, "network", request.network);
    if (request.shmSize != 0) target["shm-size"] = std::to_string(request.shmSize);
    for (const auto& [name, limit] : request.ulimits)
        ulimits.push_back(limit.soft == limit.hard ? fmt::format("{}={}", name, limit.soft) : fmt::format("{}={}:{}", name, limit.soft, limit.hard));
    put(target, "ulimits", ulimits);
    put(target, "entitlements", entitlementsOf(build));
    std::map<std::string, std::string> hosts;
    for (const compose::ExtraHost& host : build.extraHosts) hosts[host.name] = host.address;
    put(target, "extra-hosts", hosts);
    target["output"] = {push && !service.image.empty() ? "type=registry" : "type=docker"};
    put(target, "attest", attestationsOf(build));
    return target;
}

}  // namespace

Json bakeFile(const compose::Project& project, const std::vector<std::string>& services, const BuildOptions& options, bool push) {
    Json file, names = Json::array(), targets;
    for (const std::string& name : services) {
        names.push_back(targetOf(name));
        targets[targetOf(name)] = targetFor(project, project.services.at(name), options, push);
    }
    file["group"]["default"]["targets"] = std::move(names);
    file["target"] = std::move(targets);
    return file;
}

}  // namespace devc::app

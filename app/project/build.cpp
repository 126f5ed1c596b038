#include "app/project/build.h"

#include <charconv>
#include <cstdlib>
#include <functional>
#include <set>

#include "app/ui/build_view.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {

using compose::Project;
using compose::Service;
using engine::BuildRequest;
using engine::Error;

namespace {

constexpr std::string_view servicePrefix = "service:";

engine::BuildSecret secretOf(const Project& project, const compose::FileReference& reference) {
    const auto found = project.secrets.find(reference.source);
    if (found == project.secrets.end()) throw Error::of("the secret {} of a build is not defined", reference.source);
    engine::BuildSecret secret;
    secret.id = reference.target.empty() ? reference.source : reference.target;
    secret.file = found->second.file;
    secret.environment = found->second.environment;
    return secret;
}

std::map<std::string, std::string> contextsOf(const Project& project, const compose::Build& build) {
    std::map<std::string, std::string> contexts;
    for (const auto& [name, value] : build.additionalContexts) {
        if (!value.starts_with(servicePrefix)) {
            contexts[name] = value;
            continue;
        }
        const auto other = project.services.find(value.substr(servicePrefix.size()));
        if (other == project.services.end()) throw Error::of("additional context {}: no such service: {}", name, value.substr(servicePrefix.size()));
        contexts[name] = "docker-image://" + other->second.imageOr(project.name);
    }
    return contexts;
}

}  // namespace

std::optional<std::int64_t> sourceDateEpoch(const std::map<std::string, std::optional<std::string>>& arguments) {
    const char* inherited = std::getenv("SOURCE_DATE_EPOCH");
    std::string text = inherited != nullptr ? inherited : "";
    if (const auto given = arguments.find("SOURCE_DATE_EPOCH"); given != arguments.end() && given->second) text = *given->second;
    if (text.empty()) return std::nullopt;
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size()) throw Error::of("invalid SOURCE_DATE_EPOCH: {}", text).hint("seconds since 1970");
    return seconds;
}

BuildRequest buildRequest(const Project& project, const Service& service, const BuildOptions& options) {
    const compose::Build& build = *service.build;
    BuildRequest request;
    request.context = build.context;
    request.dockerfile = build.dockerfile;
    if (!build.dockerfileInline.empty()) request.dockerfileText = build.dockerfileInline;
    request.arguments = {build.args.begin(), build.args.end()};
    for (const auto& [name, value] : options.arguments) request.arguments[name] = value;
    request.target = build.target;
    request.tags.push_back(service.imageOr(project.name));
    request.tags.insert(request.tags.end(), build.tags.begin(), build.tags.end());
    request.labels = build.labels;
    request.additionalContexts = contextsOf(project, build);
    for (const compose::FileReference& secret : build.secrets) request.secrets.push_back(secretOf(project, secret));
    request.ssh = options.ssh.empty() ? build.ssh : options.ssh;
    for (const compose::ExtraHost& host : build.extraHosts) request.extraHosts.push_back(host.name + ":" + host.address);
    for (const auto& [name, limit] : build.ulimits) request.ulimits[name] = {limit.soft, limit.hard};
    request.network = build.network;
    if (!build.platforms.empty()) request.platform = build.platforms.front();
    request.shmSize = build.shmSize;
    request.noCache = build.noCache || options.noCache;
    request.pull = build.pull || options.pull;
    request.sourceDateEpoch = sourceDateEpoch(request.arguments);
    return request;
}

std::map<std::string, std::string> buildServices(engine::Engine& engine, const Project& project, const std::vector<std::string>& services,
                                                 const BuildOptions& options) {
    std::map<std::string, std::string> built;
    std::set<std::string> active;
    const std::set<std::string> wanted(services.begin(), services.end());
    const std::function<void(const std::string&)> build = [&](const std::string& name) {
        if (built.contains(name)) return;
        if (!active.insert(name).second) throw Error::of("service {} is built from itself", name);
        const Service& service = project.services.at(name);
        for (const auto& [context, value] : service.build->additionalContexts)
            if (value.starts_with(servicePrefix))
                if (const auto other = project.services.find(value.substr(servicePrefix.size()));
                    other != project.services.end() && other->second.build && (wanted.contains(other->first) || !engine.images().find(other->second.imageOr(project.name))))
                    build(other->first);
        BuildView view(options.progress, name);
        try {
            built[name] = engine.builder().build(buildRequest(project, service, options), std::ref(view)).id;
        } catch (Error& error) {
            throw error.during("failed to build service {}", name);
        }
    };
    for (const std::string& name : services) build(name);
    return built;
}

}  // namespace devc::app

#include "app/project/build.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <future>
#include <set>

#include <unistd.h>

#include "app/project/labels.h"
#include "app/report.h"
#include "app/ui/build_view.h"
#include "compose/model/service_reference.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {

using compose::Project;
using compose::Service;
using engine::BuildRequest;
using engine::Error;

namespace {

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
        const std::optional<std::string> service = compose::referencedService(value);
        if (!service) {
            contexts[name] = value;
            continue;
        }
        const Service* other = project.find(*service);
        if (other == nullptr) throw Error::of("additional context {}: no such service: {}", name, *service);
        contexts[name] = "docker-image://" + other->imageOr(project.name);
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

std::function<void(const engine::FailedStep&)> debugShell(BuildView& view) {
    if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1)
        throw Error("--debug-shell needs a terminal for standard input and output").hint("run it in a terminal, without a pipe");
    return [&view](const engine::FailedStep& step) {
        view.pause([&] {
            reportLine("\n", fmt::format("{}\n{}\nThis shell has the files as the step left them; they are gone after `exit`.", step.title, step.failure.what()));
            try {
                step.shell();
            } catch (const Error& error) {
                reportLine("no shell: ", error.what());
            }
        });
    };
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
    request.labels[label::project] = project.name;
    request.labels[label::service] = service.name;
    request.labels[label::version] = DEVC_VERSION;
    request.additionalContexts = contextsOf(project, build);
    for (const compose::FileReference& secret : build.secrets) request.secrets.push_back(secretOf(project, secret));
    request.ssh = options.ssh.empty() ? build.ssh : options.ssh;
    for (const compose::ExtraHost& host : build.extraHosts) request.extraHosts.push_back(host.name + ":" + host.address);
    for (const auto& [name, limit] : build.ulimits) request.ulimits[name] = {limit.soft, limit.hard};
    request.network = build.network;
    request.platform = build.platforms.empty() ? service.platform : build.platforms.front();
    request.shmSize = build.shmSize;
    request.noCache = build.noCache || options.noCache;
    request.insecure = build.privileged || std::find(build.entitlements.begin(), build.entitlements.end(), insecureEntitlement) != build.entitlements.end();
    request.noCacheStages = build.noCacheFilter;
    request.cacheFrom = build.cacheFrom;
    request.cacheTo = build.cacheTo;
    request.pull = build.pull || options.pull;
    request.sourceDateEpoch = sourceDateEpoch(request.arguments);
    return request;
}

namespace {

/// Builds services next to each other, each once, after those whose images its additional contexts name.
class ServiceBuilds {
public:
    ServiceBuilds(engine::Engine& engine, const Project& project, const BuildOptions& options, std::set<std::string> wanted)
        : engine_(engine), project_(project), options_(options), wanted_(std::move(wanted)), view_(options.progress, options.ansi) {}

    std::map<std::string, std::string> run() {
        for (const std::string& name : std::set<std::string>(wanted_)) plan(name);
        for (const std::string& name : order_) start(name);
        std::map<std::string, std::string> built;
        std::exception_ptr failure;
        for (const std::string& name : order_) {
            try {
                built[name] = results_.at(name).get();
            } catch (...) {
                if (!failure) failure = std::current_exception();
            }
        }
        if (failure) std::rethrow_exception(failure);
        return built;
    }

private:
    /// Services that `name` is built from and that are to be built too: asked for, or without an image.
    std::vector<std::string> sourcesOf(const std::string& name) const {
        std::vector<std::string> sources;
        for (const auto& [context, value] : project_.find(name)->build->additionalContexts) {
            const std::optional<std::string> service = compose::referencedService(value);
            if (!service) continue;
            const Service* other = project_.find(*service);
            if (other == nullptr || !other->build) continue;
            if (wanted_.contains(*service) || !engine_.images().find(other->imageOr(project_.name))) sources.push_back(*service);
        }
        return sources;
    }

    void plan(const std::string& name) {
        if (std::find(order_.begin(), order_.end(), name) != order_.end()) return;
        if (!active_.insert(name).second) throw Error::of("service {} is built from itself", name);
        for (const std::string& source : sourcesOf(name)) plan(source);
        order_.push_back(name);
    }

    void start(const std::string& name) {
        std::vector<std::shared_future<std::string>> sources;
        for (const std::string& source : sourcesOf(name)) sources.push_back(results_.at(source));
        results_[name] = std::async(std::launch::async, [this, name, sources] {
                             for (const auto& source : sources) source.get();
                             return build(name);
                         }).share();
    }

    std::string build(const std::string& name) {
        try {
            BuildRequest request = buildRequest(project_, *project_.find(name), options_);
            if (options_.debugShell) request.examine = debugShell(view_);
            return engine_.builder().build(request, view_.of(name)).id;
        } catch (Error& error) {
            throw error.during("failed to build service {}", name);
        }
    }

    engine::Engine& engine_;
    const Project& project_;
    const BuildOptions& options_;
    std::set<std::string> wanted_, active_;
    std::vector<std::string> order_;  ///< each after its sources
    BuildView view_;
    std::map<std::string, std::shared_future<std::string>> results_;
};

}  // namespace

std::map<std::string, std::string> buildServices(engine::Engine& engine, const Project& project, const std::vector<std::string>& services,
                                                 const BuildOptions& options) {
    return ServiceBuilds(engine, project, options, {services.begin(), services.end()}).run();
}

}  // namespace devc::app

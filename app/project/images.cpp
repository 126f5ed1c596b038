#include "app/project/images.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "app/project/scheduler.h"
#include "app/ui/human.h"
#include "app/ui/progress.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {
namespace {

using compose::Service;
using engine::Error;

constexpr unsigned parallelPulls = 4;
constexpr std::chrono::hours day{24};

std::string policyOf(const Service& service, const ImageOptions& options) {
    if (options.build && service.build) return "build";
    if (options.pull.empty()) return service.pullPolicy;
    return options.pull == "policy" ? service.pullPolicy : options.pull;
}

void pullOne(engine::Engine& engine, const PullRequest& request, Progress& progress) {
    const std::string id = "Image " + request.reference;
    progress.working(id, "Pulling");
    try {
        engine.images().pull(request.reference, request.platform,
                             [&](const std::string& layer, const std::string& status, std::uint64_t current, std::uint64_t total) {
            const bool ended = total == 0 || current >= total;
            progress.event({layer, status, ended ? ProgressState::Done : ProgressState::Working, id, {}, current, total});
        });
    } catch (const Error& error) {
        progress.event({id, request.optional ? "Warning" : "Error", request.optional ? ProgressState::Warning : ProgressState::Error, {}, error.what()});
        if (!request.optional) throw;
        return;
    }
    progress.done(id, "Pulled");
}

/// Time since the image was fetched or made: what daily, weekly and every_<t> look at.
std::optional<engine::Nanoseconds> ageOf(const engine::Image& image) {
    const auto since = parseTime(image.tagged.empty() ? image.created : image.tagged);
    if (!since) return std::nullopt;
    return std::chrono::system_clock::now() - *since;
}

}  // namespace

bool mustPull(const std::string& policy, bool present, std::optional<engine::Nanoseconds> age) {
    if (policy == "always") return true;
    if (policy == "never" || policy == "build") return false;
    if (policy.empty() || policy == "missing" || policy == "if_not_present") return !present;
    engine::Nanoseconds limit{0};
    if (policy == "daily") limit = day;
    else if (policy == "weekly") limit = 7 * day;
    else if (policy.starts_with("every_")) limit = parseDuration(policy.substr(6));
    else throw Error::of("unknown pull policy \"{}\"", policy).hint("always, missing, never, build, daily, weekly and every_<duration> are known");
    return !present || (age && *age >= limit);
}

void pullImages(engine::Engine& engine, const std::vector<PullRequest>& requests, Progress& progress) {
    runTasks(std::vector<Task>(requests.size()), parallelPulls, [&](std::size_t index) { pullOne(engine, requests[index], progress); });
}

std::map<std::string, std::string> ensureImages(engine::Engine& engine, const compose::Project& project,
                                                const std::vector<std::string>& services, const ImageOptions& options) {
    std::map<std::string, std::string> present;
    std::vector<PullRequest> pulls;
    std::vector<std::string> builds;
    std::set<std::string> requested;
    for (const std::string& name : services) {
        const Service& service = project.services.at(name);
        if (service.provider) continue;
        const std::string reference = service.imageOr(project.name);
        const auto image = engine.images().find(reference);
        if (image) present[reference] = image->id;
        const std::string policy = policyOf(service, options);
        const bool pull = !service.image.empty() && mustPull(policy, image.has_value(), image ? ageOf(*image) : std::nullopt);
        if (pull && requested.insert(reference).second) pulls.push_back({name, reference, service.platform, service.build.has_value()});
        if (service.build && !options.noBuild && (policy == "build" || !image)) builds.push_back(name);
        for (const std::string& other : service.preStartImages()) {
            const auto found = engine.images().find(other);
            if (found) present[other] = found->id;
            // It is not built, so a policy that builds the service's pulls it where it is missing.
            if (mustPull(policy == "build" ? "missing" : policy, found.has_value(), found ? ageOf(*found) : std::nullopt) && requested.insert(other).second)
                pulls.push_back({name, other, "", false});
        }
    }
    if (options.dryRun) return present;
    if (!pulls.empty()) {
        const auto progress = Progress::make(options.quietPull ? ProgressMode::Quiet : options.progress, options.ansi, false, "Pulling");
        pullImages(engine, pulls, *progress);
    }
    // What was pulled needs no building, unless that was asked for.
    std::erase_if(builds, [&](const std::string& name) {
        const Service& service = project.services.at(name);
        const std::string reference = service.imageOr(project.name);
        return policyOf(service, options) != "build" && requested.contains(reference) && engine.images().find(reference);
    });
    if (!builds.empty()) buildServices(engine, project, builds, options.building);
    const auto require = [&](const std::string& reference, const std::string& remedy) {
        const auto image = engine.images().find(reference);
        if (!image) throw engine::NotFound(fmt::format("No such image: {}", reference)).hint(remedy);
        present[reference] = image->id;
    };
    for (const std::string& name : services) {
        const Service& service = project.services.at(name);
        if (service.provider) continue;
        const std::string fetched = "`devc pull " + name + "` fetches it";
        require(service.imageOr(project.name), service.build ? "`devc build " + name + "` makes it" : fetched);
        for (const std::string& other : service.preStartImages()) require(other, fetched);
    }
    return present;
}

}  // namespace devc::app

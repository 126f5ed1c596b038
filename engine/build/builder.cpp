#include "engine/build/builder.h"

#include <algorithm>
#include <ctime>

#include <fcntl.h>
#include <nlohmann/json.hpp>

#include "engine/build/arguments.h"
#include "engine/build/cache_mounts.h"
#include "engine/build/dockerfile.h"
#include "engine/build/epoch.h"
#include "engine/build/export.h"
#include "engine/build/history.h"
#include "engine/build/layer_cache.h"
#include "engine/build/planner.h"
#include "engine/build/solver.h"
#include "engine/build/step_error.h"
#include "engine/error.h"

namespace devc::engine {

namespace {

std::string readDockerfile(const BuildRequest& request) {
    if (request.dockerfileText) return *request.dockerfileText;
    std::filesystem::path path = request.dockerfile.empty() ? "Dockerfile" : request.dockerfile;
    if (path.is_relative()) path = request.context / path;
    if (!std::filesystem::exists(path))
        throw Error::of("failed to read dockerfile: open {}: no such file or directory", path.filename().string())
            .detail("looked for " + path.string()).hint("name it with -f");
    return readFile(path.string());
}

/// The image's configuration, complete: layers, time, labels of the command line.
nlohmann::json finished(build::StageConfig config, const BuildRequest& request, const build::Snapshot& snapshot) {
    for (const auto& [name, value] : request.labels) config.config()["Labels"][name] = value;
    for (const char* key : {"Labels", "ExposedPorts", "Volumes"})
        if (config.config().contains(key) && config.config()[key].empty()) config.config().erase(key);
    nlohmann::json document = config.document();
    build::completeTimes(document, snapshot, build::formatTime(request.sourceDateEpoch.value_or(time(nullptr))));
    if (request.sourceDateEpoch) document["created"] = build::formatTime(*request.sourceDateEpoch);
    document["rootfs"] = {{"type", "layers"}, {"diff_ids", nlohmann::json::array()}};
    for (const NewLayer& layer : snapshot.layers) document["rootfs"]["diff_ids"].push_back(layer.diffId);
    // A Dockerfile may hold any bytes; JSON holds text.
    return nlohmann::json::parse(document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void warnOfUnused(const BuildRequest& request, const build::BuildPlan& plan, build::Workshop& shop) {
    for (const auto& [name, value] : request.arguments) {
        const bool known = plan.usedArguments.contains(name) || build::isProxyArgument(name) || name.starts_with("BUILDKIT_") || name == "SOURCE_DATE_EPOCH";
        if (!known) shop.report(BuildProgress::Warning, "", "the build argument " + name + " was not consumed");
    }
}

}  // namespace

Builder::Builder(const Host& host, Database& database, Images& images, Networks& networks)
    : host_(host), database_(database), images_(images), networks_(networks) {}

Image Builder::build(const BuildRequest& request, const std::function<void(const BuildProgress&)>& progress) {
    const build::Dockerfile file = build::parseDockerfile(readDockerfile(request));
    build::LayerCache cache(host_, database_, images_);
    build::Workshop shop(host_, images_, networks_, cache, request, progress);
    const std::string created = request.sourceDateEpoch ? build::formatTime(*request.sourceDateEpoch) : "";
    build::BaseImages bases;
    bases.config = [this](const Image& image) { return images_.configJson(image); };
    bases.resolve = [&](const std::string& reference, const std::string& platform) {
        if (!request.pull)
            if (auto known = images_.find(reference)) return *known;
        const std::string title = "[internal] load " + reference;
        shop.report(BuildProgress::Started, title);
        Image pulled = images_.pull(reference, platform, [](const std::string&, const std::string&, std::uint64_t, std::uint64_t) {});
        shop.report(BuildProgress::Finished, title);
        return pulled;
    };
    try {
        const build::BuildPlan plan = build::plan(file, request, bases, created);
        warnOfUnused(request, plan, shop);
        build::Solver solver(shop);
        const build::Snapshot snapshot = solver.solve(plan.result);
        const nlohmann::json config = finished(plan.config, request, snapshot);
        Image image = images_.addImage(config, snapshot.layers, request.tags.empty() ? "" : request.tags.front());
        for (std::size_t i = 1; i < request.tags.size(); ++i) images_.tag(image.id, request.tags[i]);
        image = images_.get(image.id);
        build::exportImage(host_, images_, image, request.output);
        return image;
    } catch (build::StepError& error) {
        for (const std::string& line : build::excerpt(file, error.first, error.last)) error.detail(line);
        throw Error(error).during("failed to build line {}: {}", error.first, error.title);
    }
}

std::uint64_t Builder::prune() {
    build::LayerCache(host_, database_, images_).clear();
    std::error_code ignored;
    std::filesystem::remove_all(host_.stateDir / "build" / "contexts", ignored);
    return build::pruneCacheMounts(host_) + images_.collect(false);
}

std::vector<BuildCacheEntry> Builder::cache() const {
    std::vector<BuildCacheEntry> entries;
    for (build::LayerCache::Record& record : build::LayerCache(host_, database_, images_).list())
        entries.push_back({std::move(record.chain), std::move(record.title), build::formatTime(record.created), record.size});
    return entries;
}

}  // namespace devc::engine

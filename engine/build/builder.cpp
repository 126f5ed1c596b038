#include "engine/build/builder.h"

#include <algorithm>
#include <ctime>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/build/arguments.h"
#include "engine/build/cache_exchange.h"
#include "engine/build/cache_mounts.h"
#include "engine/build/context_source.h"
#include "engine/build/dockerfile.h"
#include "engine/build/epoch.h"
#include "engine/build/export.h"
#include "engine/build/history.h"
#include "engine/build/layer_cache.h"
#include "engine/build/lint.h"
#include "engine/build/planner.h"
#include "engine/build/solver.h"
#include "engine/build/step_error.h"
#include "engine/build/step_folder.h"
#include "engine/error.h"
#include "engine/image/transfer_process.h"
#include "engine/linux/plain_file.h"

namespace devc::engine {

namespace {

/// In a context from elsewhere no link leads out of it.
std::string readFetchedDockerfile(const BuildRequest& request) {
    const std::string name = request.dockerfile.empty() ? "Dockerfile" : request.dockerfile;
    const Fd root = openFile(request.context.string(), O_PATH | O_DIRECTORY);
    const build::Resolved found = build::resolveIn(root.get(), name, true);
    if (!found.exists || !S_ISREG(found.info.st_mode))
        throw Error::of("failed to read dockerfile: open {}: no such file in the build context", name).hint("name it with -f");
    return readAtMost((request.context / found.path).string(), build::largestDockerfile);
}

/// Fetches a context that is not a folder here; `request` then has it as one.
std::unique_ptr<build::ContextSource> fetchContext(const Host& host, BuildRequest& request) {
    std::unique_ptr<build::ContextSource> source;
    if (request.input >= 0) source = build::ContextSource::fromDescriptor(host, request.input);
    else if (build::ContextSource::isAddress(request.context.string())) source = build::ContextSource::fromAddress(host, request.context.string());
    if (!source) return source;
    request.context = source->folder();
    if (source->dockerfile() && !request.dockerfileText) request.dockerfileText = source->dockerfile();
    return source;
}

/// An image of an OCI layout in a folder: "oci-layout://PATH", also with ":TAG" or "@DIGEST".
Image loadLayout(const Host& host, Images& images, std::string path) {
    std::string digest;
    if (const std::size_t at = path.rfind('@'); at != std::string::npos) {
        digest = path.substr(at + 1);
        path.resize(at);
    }
    std::error_code none;
    if (!std::filesystem::is_directory(path, none)) path.resize(std::min(path.rfind(':'), path.size()));
    const build::StepFolder place(host);
    const Fd layout = openFile(path, O_PATH | O_DIRECTORY);
    const Fd tar = openFile((place.folder() / "layout.tar").string(), O_RDWR | O_CREAT | O_EXCL, 0600);
    transfer(host, "pack", {{"as", "."}}, {.input = layout.get(), .output = tar.get()});
    if (lseek(tar.get(), 0, SEEK_SET) < 0) throw SystemError("read the layout " + path, errno);
    for (Image& image : images.load(tar.get()))
        if (digest.empty() || image.manifestDigest == digest || image.id == digest) return image;
    throw NotFound(fmt::format("no image {} in the layout {}", digest, path));
}

std::string readDockerfile(const BuildRequest& request, bool fetched) {
    if (request.dockerfileText) return *request.dockerfileText;
    if (fetched) return readFetchedDockerfile(request);
    std::filesystem::path path = request.dockerfile.empty() ? "Dockerfile" : request.dockerfile;
    if (path.is_relative()) path = request.context / path;
    if (!std::filesystem::exists(path))
        throw Error::of("failed to read dockerfile: open {}: no such file or directory", path.filename().string())
            .detail("looked for " + path.string()).hint("name it with -f");
    return readAtMost(path.string(), build::largestDockerfile);
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

/// An image by its name. Not by the beginning of an id: `FROM cafe` means no image whose id happens to begin so.
std::optional<Image> findBase(const Images& images, const std::string& reference) {
    try {
        return images.find(Reference::parse(reference).normalized());
    } catch (const Error&) {
        return std::nullopt;
    }
}

build::CheckOptions checkOptions(const build::Dockerfile& file, const BuildRequest& request) {
    const auto given = request.arguments.find("BUILDKIT_DOCKERFILE_CHECK");
    return build::CheckOptions::parse(given != request.arguments.end() && given->second ? *given->second : file.directives.check);
}

build::LintFacts lintFacts(const Images& images, build::Workshop& shop) {
    build::LintFacts facts;
    facts.variablesOf = [&images](const std::string& name) {
        std::set<std::string> variables;
        if (const auto image = findBase(images, name))
            for (const std::string& entry : image->config.environment) variables.insert(entry.substr(0, entry.find('=')));
        return variables;
    };
    facts.isIgnored = [&shop](const std::string& path) { return shop.context("").isHidden(path); };
    return facts;
}

/// Reports what the checks find. Throws Error if the Dockerfile says that findings are errors.
void warn(const std::vector<build::Finding>& findings, const build::CheckOptions& options, build::Workshop& shop) {
    std::set<std::string> rules;
    for (const build::Finding& finding : findings) {
        rules.insert(finding.rule);
        shop.report(BuildProgress::Warning, "", fmt::format("{}: {} (line {})", finding.rule, finding.text, finding.line));
    }
    if (!options.error || rules.empty()) return;
    throw Error::of("lint violation found for rules: {}", fmt::join(rules, ", "));
}

}  // namespace

Builder::Builder(const Host& host, Database& database, Images& images, Networks& networks)
    : host_(host), database_(database), images_(images), networks_(networks) {}

Image Builder::build(const BuildRequest& given, const std::function<void(const BuildProgress&)>& progress) {
    BuildRequest request = given;
    const std::unique_ptr<build::ContextSource> fetched = fetchContext(host_, request);
    const build::Dockerfile file = build::parseDockerfile(readDockerfile(request, fetched != nullptr));
    build::LayerCache cache(host_, database_, images_);
    build::Workshop shop(host_, images_, networks_, cache, request, progress);
    const std::string created = request.sourceDateEpoch ? build::formatTime(*request.sourceDateEpoch) : "";
    build::BaseImages bases;
    bases.config = [this](const Image& image) { return images_.configJson(image); };
    bases.resolve = [&](const std::string& reference, const std::string& platform) {
        if (reference.starts_with("oci-layout://")) return loadLayout(host_, images_, reference.substr(13));
        if (!request.pull)
            if (auto known = findBase(images_, reference)) return *known;
        const std::string title = "[internal] load " + reference;
        shop.report(BuildProgress::Started, title);
        Image pulled = images_.pull(reference, platform, [](const std::string&, const std::string&, std::uint64_t, std::uint64_t) {});
        shop.report(BuildProgress::Finished, title);
        return pulled;
    };
    build::CacheExchange exchange(shop, database_);
    for (const std::string& source : request.cacheFrom) exchange.take(source);
    const build::CheckOptions checks = checkOptions(file, request);
    warn(build::lint(file, checks, lintFacts(images_, shop)), checks, shop);
    try {
        const build::BuildPlan plan = build::plan(file, request, bases, created);
        warnOfUnused(request, plan, shop);
        build::Solver solver(shop);
        const build::Snapshot snapshot = solver.solve(plan.result);
        nlohmann::json config = finished(plan.config, request, snapshot);
        exchange.mark(config, snapshot, request.cacheTo);
        Image image = images_.addImage(config, snapshot.layers, request.tags.empty() ? "" : request.tags.front());
        for (std::size_t i = 1; i < request.tags.size(); ++i) images_.tag(image.id, request.tags[i]);
        image = images_.get(image.id);
        std::vector<build::Snapshot> results = solver.results();
        results.insert(results.begin(), snapshot);
        for (const std::string& target : request.cacheTo) exchange.give(target, results, image);
        for (const std::string& output : request.outputs) build::exportImage(shop, snapshot, image, output);
        return image;
    } catch (build::StepError& error) {
        for (const std::string& line : build::excerpt(file, error.first, error.last)) error.detail(line);
        throw Error(error).during("failed to build line {}: {}", error.first, error.title);
    }
}

std::vector<BuildFinding> Builder::check(const BuildRequest& given) {
    BuildRequest request = given;
    const std::unique_ptr<build::ContextSource> fetched = fetchContext(host_, request);
    const build::Dockerfile file = build::parseDockerfile(readDockerfile(request, fetched != nullptr));
    build::LayerCache cache(host_, database_, images_);
    build::Workshop shop(host_, images_, networks_, cache, request, {});
    std::vector<BuildFinding> findings;
    for (build::Finding& finding : build::lint(file, checkOptions(file, request), lintFacts(images_, shop)))
        findings.push_back({std::move(finding.rule), std::move(finding.text), finding.line, build::excerpt(file, finding.line, finding.line)});
    return findings;
}

std::uint64_t Builder::prune() {
    build::sweep(host_, networks_);
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

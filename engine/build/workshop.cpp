#include "engine/build/workshop.h"

#include <fcntl.h>
#include <unistd.h>

#include "engine/build/context_source.h"
#include "engine/build/step_folder.h"
#include "engine/build/step_network.h"
#include "engine/container/containers.h"
#include "engine/error.h"
#include "engine/linux/mount.h"
#include "engine/linux/plain_file.h"

namespace devc::engine::build {

namespace fs = std::filesystem;

namespace {

PatternList ignoredIn(const fs::path& folder, const fs::path& dockerfile) {
    for (const fs::path& file : {fs::path(dockerfile.string() + ".dockerignore"), folder / ".dockerignore"}) {
        if (dockerfile.empty() && file == ".dockerignore") continue;
        if (access(file.c_str(), F_OK) != 0) continue;
        try {
            return PatternList::parse(readAtMost(file.string(), largestDockerfile));
        } catch (Error& error) {
            throw error.during("reading {}", file.string());
        }
    }
    return {};
}

}  // namespace

Workshop::Workshop(const Host& host, Images& images, Networks& networks, LayerCache& cache, const BuildRequest& request, Report report)
    : host_(host), images_(images), networks_(networks), cache_(cache), request_(request), report_(std::move(report)) {}

/// A lease that no container uses. Its folder lets the sweep of a later build find it.
struct Workshop::NetworkHold {
    NetworkHold(const Host& host, Networks& networks) : folder(host), lease(networks, specification(folder.id()), folder.id()) {}
    static ContainerSpec specification(const std::string& id) {
        ContainerSpec spec;
        spec.name = "build-" + id.substr(0, 12);
        return spec;
    }
    StepFolder folder;
    StepNetwork lease;
};

Workshop::~Workshop() = default;

void Workshop::holdNetwork() {
    std::lock_guard guard(networkMutex_);
    if (!network_) network_ = std::make_unique<NetworkHold>(host_, networks_);
}

void Workshop::report(BuildProgress::Kind kind, const std::string& step, const std::string& text) {
    std::lock_guard guard(reportMutex_);
    if (report_) report_({kind, step, text});
}

void Workshop::cancel() {
    cancelled_ = true;
    std::lock_guard guard(runningMutex_);
    for (const auto& end : running_) end();
}

void Workshop::awaitQuiet() {
    std::unique_lock guard(runningMutex_);
    quiet_.wait(guard, [this] { return running_.empty(); });
}

Workshop::Running::Running(Workshop& shop, std::function<void()> end) : shop_(shop) {
    std::lock_guard guard(shop_.runningMutex_);
    place_ = shop_.running_.insert(shop_.running_.end(), std::move(end));
    if (shop_.cancelled_) (*place_)();
}

Workshop::Running::~Running() {
    std::lock_guard guard(shop_.runningMutex_);
    shop_.running_.erase(place_);
    if (shop_.running_.empty()) shop_.quiet_.notify_all();
}

const FileTree& Workshop::context(const std::string& name) {
    std::lock_guard guard(mutex_);
    std::unique_ptr<FileTree>& tree = contexts_[name];
    if (tree) return *tree;
    fs::path folder = request_.context, dockerfile;
    if (!name.empty()) {
        std::string value = request_.additionalContexts.at(name);
        if (value.starts_with("file://")) value = value.substr(7);
        if (ContextSource::isAddress(value)) {
            fetched_.push_back(ContextSource::fromAddress(host_, value));
            value = fetched_.back()->folder();
            if (value.empty()) throw Error::of("the context {} has no files: {} is neither a repository nor an archive", name, request_.additionalContexts.at(name));
        }
        folder = value;
    } else if (!request_.dockerfileText) {
        dockerfile = request_.dockerfile.empty() ? "Dockerfile" : request_.dockerfile;
        if (dockerfile.is_relative()) dockerfile = folder / dockerfile;
    }
    if (folder.empty()) {
        // A Dockerfile without a context: an empty one.
        folder = host_.stateDir / "build" / "empty";
        fs::create_directories(folder);
    }
    Fd root;
    try {
        root = openFile(folder.string(), O_PATH | O_DIRECTORY);
    } catch (Error& error) {
        throw error.during("opening {}", name.empty() ? "the build context" : "the context " + name);
    }
    std::error_code ignored;
    const fs::path canonical = fs::canonical(folder, ignored);
    // What was fetched for this build is in a folder of its own each time: no digest would be found again.
    const bool lasts = !canonical.string().starts_with(fs::canonical(host_.stateDir, ignored).string() + "/");
    tree = std::make_unique<FileTree>(std::move(root), ignoredIn(folder, dockerfile),
                                      lasts ? std::make_shared<DigestIndex>(host_.stateDir / "build" / "contexts", canonical) : nullptr);
    return *tree;
}

const FileTree& Workshop::files(const Snapshot& snapshot) {
    std::lock_guard guard(mutex_);
    std::unique_ptr<FileTree>& tree = snapshots_[snapshot.chain()];
    if (tree) return *tree;
    const std::vector<std::string> lowers = snapshot.lowers(host_);
    if (lowers.size() > 1) {
        tree = std::make_unique<FileTree>(mountOverlay({lowers, "", ""}));
    } else {
        const fs::path folder = lowers.empty() ? host_.stateDir / "build" / "empty" : fs::path(lowers.front());
        fs::create_directories(folder);
        tree = std::make_unique<FileTree>(openFile(folder.string(), O_PATH | O_DIRECTORY));
    }
    return *tree;
}

}  // namespace devc::engine::build

#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/build/builder.h"
#include "engine/build/context_source.h"
#include "engine/build/file_tree.h"
#include "engine/build/layer_cache.h"
#include "engine/build/operation.h"

namespace devc::engine {
class Networks;
}

namespace devc::engine::build {

using Report = std::function<void(const BuildProgress&)>;

/// What all operations of one build work with. Safe to use from several threads.
class Workshop {
public:
    Workshop(const Host& host, Images& images, Networks& networks, LayerCache& cache, const BuildRequest& request, Report report);
    ~Workshop();

    const Host& host() const { return host_; }
    Images& images() { return images_; }
    Networks& networks() { return networks_; }
    LayerCache& cache() { return cache_; }
    const BuildRequest& request() const { return request_; }
    void report(BuildProgress::Kind kind, const std::string& step, const std::string& text = {});

    /// Keeps the bridge of steps with a network until the end of the build: making one anew for each step would cost more than
    /// most steps.
    void holdNetwork();

    /// Ends the programs of steps that run; none is begun any more. Called after a step has failed.
    void cancel();
    bool cancelled() const { return cancelled_; }
    /// Returns when no step's program runs any more.
    void awaitQuiet();
    /// A step's program while it runs: `end` is called, from another thread, when the build is cancelled.
    class Running {
    public:
        Running(Workshop& shop, std::function<void()> end);
        ~Running();
        Running(const Running&) = delete;

    private:
        Workshop& shop_;
        std::list<std::function<void()>>::iterator place_;
    };

    /// A context's files: "" is the main one.
    const FileTree& context(const std::string& name);
    /// The files of a snapshot, read-only.
    const FileTree& files(const Snapshot& snapshot);
    /// Where an origin's files are; `snapshot` is what its operation made.
    const FileTree& tree(const Origin& origin, const Snapshot* snapshot) { return origin.operation ? files(*snapshot) : context(origin.context); }

private:
    const Host& host_;
    Images& images_;
    Networks& networks_;
    LayerCache& cache_;
    const BuildRequest& request_;
    Report report_;
    struct NetworkHold;
    std::mutex mutex_, reportMutex_, runningMutex_, networkMutex_;
    std::unique_ptr<NetworkHold> network_;
    std::atomic<bool> cancelled_ = false;
    std::list<std::function<void()>> running_;
    std::condition_variable quiet_;
    std::vector<std::unique_ptr<ContextSource>> fetched_;
    std::map<std::string, std::unique_ptr<FileTree>> contexts_, snapshots_;
};

}  // namespace devc::engine::build

#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/build/layer_cache.h"
#include "engine/build/operation.h"
#include "engine/build/workshop.h"
#include "engine/container/oci_config.h"

namespace devc::engine::build {

class StepFolder;

/// What RUN --mount asks for, made ready: folders and files to bind, variables with secrets, locks of caches. Mounts are made
/// in a mount namespace of the calling thread, where they end with it.
class StepMounts {
public:
    StepMounts(Workshop& shop, const RunStep& step, const std::map<const Operation*, Snapshot>& inputs, const StepFolder& folder);

    const std::vector<ResolvedMount>& mounts() const { return mounts_; }
    const std::vector<std::string>& environment() const { return environment_; }
    /// Gives the thread a mount namespace of its own if it is needed. Called in the thread that starts the container.
    void attach();

private:
    struct Attached {
        std::vector<std::string> lowers;
        std::string upper, work, target;
    };
    void bind(const RunMount& mount);
    void bindStage(const RunMount& mount, const Snapshot& snapshot);
    void cache(const RunMount& mount);
    void secret(const RunMount& mount);
    void agent(const RunMount& mount);
    void script(const RunStep& step);
    void add(const std::string& source, const std::string& target, bool readOnly);
    std::filesystem::path unused(const std::filesystem::path& path);
    std::string newFolder(const char* kind);

    Workshop& shop_;
    const std::map<const Operation*, Snapshot>& inputs_;
    const StepFolder& folder_;
    std::vector<ResolvedMount> mounts_;
    std::vector<std::string> environment_;
    std::vector<Attached> attached_;
    std::vector<Fd> locks_;
    int count_ = 0, agents_ = 0;
};

}  // namespace devc::engine::build

#pragma once
#include <filesystem>
#include <string>

#include "engine/host.h"
#include "engine/linux/fd.h"

namespace devc::engine {
class Networks;
}

namespace devc::engine::build {

/// Where one operation works: <state>/build/steps/<id>/{upper,work} and, on tmpfs, <run>/build-<id>. A lock beside it says that
/// its build lives; what a killed build left is taken away by sweep().
class StepFolder {
public:
    explicit StepFolder(const Host& host);
    ~StepFolder();
    StepFolder(const StepFolder&) = delete;

    const std::string& id() const { return id_; }
    std::filesystem::path upper() const { return folder_ / "upper"; }
    std::filesystem::path work() const { return folder_ / "work"; }
    const std::filesystem::path& folder() const { return folder_; }
    /// Like the engine's, but for this step alone: its container's files are on tmpfs.
    const Host& host() const { return stepHost_; }

private:
    std::string id_;
    std::filesystem::path folder_, lockFile_;
    Host stepHost_;
    Fd lock_;
};

/// Ends and removes the steps of builds that were killed.
void sweep(const Host& host, Networks& networks);

}  // namespace devc::engine::build

#include "engine/build/step_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/digest.h"
#include "engine/error.h"
#include "engine/launch/launch.h"
#include "engine/linux/remove_tree.h"
#include "engine/network/networks.h"

namespace devc::engine::build {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view lockSuffix = ".lock";

fs::path stepsOf(const Host& host) { return host.stateDir / "build" / "steps"; }

Host hostOfStep(const Host& host, const std::string& id) {
    const fs::path run = host.runDir / ("build-" + id);
    return {run / "state", run, host.helpersDir};
}

}  // namespace

StepFolder::StepFolder(const Host& host) : id_(randomHex(32)), stepHost_(hostOfStep(host, id_)) {
    const fs::path steps = stepsOf(host);
    fs::create_directories(steps);
    folder_ = steps / id_;
    lockFile_ = folder_.string() + std::string(lockSuffix);
    // Locked before it has its name: a sweep never sees it without its lock, and nothing is left of one that got no name.
    lock_ = openFile(steps.string(), O_RDWR | O_TMPFILE, 0600);
    if (flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) throw SystemError("lock " + lockFile_.string(), errno);
    const std::string nameless = "/proc/self/fd/" + std::to_string(lock_.get());
    if (linkat(AT_FDCWD, nameless.c_str(), AT_FDCWD, lockFile_.c_str(), AT_SYMLINK_FOLLOW) != 0) throw SystemError("create " + lockFile_.string(), errno);
    fs::create_directories(upper());
    fs::create_directories(work());
    chmod(upper().c_str(), 0755);
}

StepFolder::~StepFolder() {
    const bool noRun = tryRemoveTree(stepHost_.runDir), noFolder = tryRemoveTree(folder_);
    std::error_code ignored;
    // With the lock's file the next sweep finds what could not be removed.
    if (noRun && noFolder) fs::remove(lockFile_, ignored);
}

void sweep(const Host& host, Networks& networks) {
    std::error_code none;
    for (const fs::directory_entry& entry : fs::directory_iterator(stepsOf(host), none)) {
        const std::string name = entry.path().filename();
        if (!name.ends_with(lockSuffix)) continue;
        const Fd lock(open(entry.path().c_str(), O_RDWR | O_CLOEXEC));
        if (!lock || flock(lock.get(), LOCK_EX | LOCK_NB) != 0) continue;  // its build lives
        const std::string id = name.substr(0, name.size() - lockSuffix.size());
        const Host stepHost = hostOfStep(host, id);
        try {
            if (readState(stepHost, id).status == Status::Running) stopAndWait(stepHost, id, 9, Nanoseconds{0});
            clearRemains(stepHost, id);
        } catch (const Error&) {
            // It never came as far as to run.
        }
        try {
            networks.deactivate({id});
            networks.release(id);
        } catch (const Error&) {
            // Nothing was leased.
        }
        if (tryRemoveTree(stepHost.runDir) && tryRemoveTree(stepsOf(host) / id)) fs::remove(entry.path(), none);
    }
}

}  // namespace devc::engine::build

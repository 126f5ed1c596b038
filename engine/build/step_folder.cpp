#include "engine/build/step_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/digest.h"
#include "engine/error.h"
#include "engine/launch/launch.h"
#include "engine/network/networks.h"

namespace devc::engine::build {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view prefix = "build-";

Host hostOfStep(const Host& host, const std::string& id) {
    const fs::path run = host.runDir / (std::string(prefix) + id);
    return {run / "state", run, host.helpersDir};
}

}  // namespace

StepFolder::StepFolder(const Host& host) : id_(randomHex(32)), stepHost_(hostOfStep(host, id_)) {
    const fs::path tmp = host.stateDir / "tmp";
    fs::create_directories(tmp);
    folder_ = tmp / (std::string(prefix) + id_);
    lockFile_ = folder_.string() + ".lock";
    lock_ = openFile(lockFile_.string(), O_RDWR | O_CREAT | O_EXCL, 0600);
    if (flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) throw SystemError("lock " + lockFile_.string(), errno);
    fs::create_directories(upper());
    fs::create_directories(work());
    chmod(upper().c_str(), 0755);
}

StepFolder::~StepFolder() {
    std::error_code ignored;
    fs::remove_all(stepHost_.runDir, ignored);
    fs::remove_all(folder_, ignored);
    fs::remove(lockFile_, ignored);
}

void sweep(const Host& host, Networks& networks) {
    std::error_code none;
    for (const fs::directory_entry& entry : fs::directory_iterator(host.stateDir / "tmp", none)) {
        const std::string name = entry.path().filename();
        if (!name.starts_with(prefix) || !name.ends_with(".lock")) continue;
        const Fd lock(open(entry.path().c_str(), O_RDWR | O_CLOEXEC));
        if (!lock || flock(lock.get(), LOCK_EX | LOCK_NB) != 0) continue;  // its build lives
        const std::string id = name.substr(prefix.size(), name.size() - prefix.size() - 5);
        const Host stepHost = hostOfStep(host, id);
        try {
            if (readState(stepHost, id).status == Status::Running) stopAndWait(stepHost, id, 9, Nanoseconds{0});
        } catch (const Error&) {
            // It never came as far as to run.
        }
        try {
            networks.deactivate({id});
            networks.release(id);
        } catch (const Error&) {
            // Nothing was leased.
        }
        fs::remove_all(stepHost.runDir, none);
        fs::remove_all(host.stateDir / "tmp" / name.substr(0, name.size() - 5), none);
        fs::remove(entry.path(), none);
    }
}

}  // namespace devc::engine::build

#include "engine/container/root.h"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <thread>

#include "engine/error.h"
#include "engine/image/images.h"
#include "engine/launch/handles.h"
#include "engine/linux/mount.h"
#include "engine/volume/volumes.h"

namespace devc::engine {

namespace {

/// Runs `work` in a thread of its own: what it does to its namespaces and working folder ends with it.
template <typename Work>
void apart(Work&& work) {
    std::exception_ptr problem;
    std::jthread([&] {
        try {
            work();
        } catch (...) {
            problem = std::current_exception();
        }
    }).join();
    if (problem) std::rethrow_exception(problem);
}

Fd mountLayers(const Surroundings& around, const Record& record, bool readOnly) {
    OverlayLayers layers;
    for (const auto& folder : around.images.lowerFolders(around.images.get(record.spec.imageId))) layers.lowers.push_back(folder.string());
    const auto own = around.host.containerDir(record.id);
    if (readOnly) {
        layers.lowers.insert(layers.lowers.begin(), (own / "upper").string());
    } else {
        layers.upper = (own / "upper").string();
        layers.work = (own / "work").string();
        layers.fleeting = record.spec.autoRemove;
    }
    return mountOverlay(layers);
}

/// The folder or file of the host that a mount of the specification shows, or empty: tmpfs has nothing to show while the
/// container does not run.
std::string sourceFor(const Surroundings& around, const MountSpec& mount) {
    if (mount.type == MountType::Bind) return mount.source;
    if (mount.type != MountType::Volume) return {};
    const auto volume = around.volumes.find(mount.source);
    if (!volume) return {};
    const VolumeSource source = sourceOf(*volume);
    return source.type == "bind" ? source.source : std::string();
}

/// Others may share the volume: the links that they put on the way to a subpath lead nowhere else.
Fd treeOf(const std::string& source, const MountSpec& mount) {
    if (mount.subpath.empty()) return cloneMount(source, mount.recursive);
    const Fd folder = openFile(source, O_PATH | O_DIRECTORY);
    return cloneMountOf(openInRoot(folder.get(), mount.subpath, O_PATH).get(), mount.recursive);
}

void mountInto(int root, const std::string& source, const MountSpec& mount) {
    const Fd tree = treeOf(source, mount);
    MountChange change;
    if (mount.readOnly) change.set = MOUNT_ATTR_RDONLY;
    changeMount(tree.get(), change);
    struct stat status {};
    const bool isFolder = ::fstatat(tree.get(), "", &status, AT_EMPTY_PATH) == 0 && S_ISDIR(status.st_mode);
    const Fd target = isFolder ? makeFolderInRoot(root, mount.target) : makeFileInRoot(root, mount.target);
    attachMount(tree.get(), target.get());
}

/// `name` in the folder that /proc has of the container's first process.
Fd openOfProcess(const Host& host, const std::string& id, const std::string& name, int flags) {
    const Fd process = firstProcessOf(host, id);
    if (!process) throw Conflict(fmt::format("container {} is not running", id));
    Fd found;
    withId(process.get(), [&](pid_t number) { found = openFile(fmt::format("/proc/{}/{}", number, name), flags); });
    return found;
}

}  // namespace

ContainerRoot ContainerRoot::open(const Surroundings& around, const Record& record) {
    ContainerRoot result;
    result.lock_.emplace(around.host, record.id);
    const ContainerState state = readState(around.host, record.id);
    if (state.pid != 0) {
        result.lock_.reset();
        result.root_ = openOfProcess(around.host, record.id, "root", O_PATH | O_DIRECTORY);
        return result;
    }
    if (state.status == Status::Restarting) throw Conflict("Container " + record.id + " is restarting, wait until the container is running");
    apart([&] {
        if (::unshare(CLONE_NEWNS) != 0) throw SystemError("make a mount namespace", errno);
        if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) throw SystemError("keep mounts apart", errno);
        const std::string place = around.host.containerDir(record.id).string();
        const Fd layers = mountLayers(around, record, false);
        attachMount(layers.get(), openFile(place, O_PATH | O_DIRECTORY).get());
        result.root_ = openFile(place, O_PATH | O_DIRECTORY);
        std::vector<MountSpec> mounts = record.spec.mounts;
        std::sort(mounts.begin(), mounts.end(), [](const MountSpec& a, const MountSpec& b) { return a.target < b.target; });  // outer ones first
        for (const MountSpec& mount : mounts)
            if (const std::string source = sourceFor(around, mount); !source.empty()) mountInto(result.root_.get(), source, mount);
        result.namespace_ = openFile("/proc/thread-self/ns/mnt", O_RDONLY);
    });
    return result;
}

ContainerRoot ContainerRoot::openBare(const Surroundings& around, const Record& record) {
    ContainerRoot result;
    const ContainerState state = readState(around.host, record.id);
    if (state.pid == 0) {
        result.root_ = mountLayers(around, record, true);
        return result;
    }
    apart([&] {
        const Fd space = openOfProcess(around.host, record.id, "ns/mnt", O_RDONLY);
        if (::unshare(CLONE_FS) != 0 || ::setns(space.get(), CLONE_NEWNS) != 0) throw SystemError("enter the container's mount namespace", errno);
        result.root_ = cloneMount("/", false);
    });
    return result;
}

}  // namespace devc::engine

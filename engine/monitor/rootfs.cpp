#include "engine/monitor/rootfs.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "engine/error.h"

namespace devc::engine {

namespace {

const RuntimeDevice defaultDevices[] = {
    {"/dev/null", 'c', 1, 3, 0666, 0, 0},   {"/dev/zero", 'c', 1, 5, 0666, 0, 0},    {"/dev/full", 'c', 1, 7, 0666, 0, 0},
    {"/dev/random", 'c', 1, 8, 0666, 0, 0}, {"/dev/urandom", 'c', 1, 9, 0666, 0, 0}, {"/dev/tty", 'c', 5, 0, 0666, 0, 0},
};

struct Link {
    const char *name, *target;
};
constexpr Link devLinks[] = {
    {"fd", "/proc/self/fd"},       {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"},
    {"stderr", "/proc/self/fd/2"}, {"ptmx", "pts/ptmx"},         {"core", "/proc/kcore"},
};

/// A path below another process's root is in that process's mount namespace, from which mounts can be copied only inside it.
Fd cloneFromProcess(const std::string& source, bool recursive) {
    size_t rootAt = source.find("/root/");
    Fd theirs = openFile(source.substr(0, rootAt) + "/ns/mnt", O_RDONLY);
    Fd own = openFile("/proc/self/ns/mnt", O_RDONLY);
    if (::setns(theirs.get(), CLONE_NEWNS) != 0) throw SystemError("enter the mount namespace of " + source, errno);
    Fd tree(::open_tree(AT_FDCWD, source.c_str() + rootAt + 5,
                        OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? unsigned{AT_RECURSIVE} : 0u)));
    int failure = errno;
    if (::setns(own.get(), CLONE_NEWNS) != 0) throw SystemError("return from a mount namespace", errno);
    if (!tree) throw SystemError("bind " + source, failure);
    return tree;
}

bool isFolder(int descriptor) {
    struct stat about{};
    return ::fstat(descriptor, &about) == 0 && S_ISDIR(about.st_mode);
}

/// Of the machine are all others: no container has a say there (what runc allows).
constexpr struct {
    std::string_view name;
    std::uint64_t space;
} ownSysctls[] = {
    {"kernel.msgmax", CLONE_NEWIPC}, {"kernel.msgmnb", CLONE_NEWIPC}, {"kernel.msgmni", CLONE_NEWIPC}, {"kernel.sem", CLONE_NEWIPC},
    {"kernel.shmall", CLONE_NEWIPC}, {"kernel.shmmax", CLONE_NEWIPC}, {"kernel.shmmni", CLONE_NEWIPC}, {"kernel.shm_rmid_forced", CLONE_NEWIPC},
    {"fs.mqueue.", CLONE_NEWIPC}, {"net.", CLONE_NEWNET}, {"kernel.domainname", CLONE_NEWUTS},
};

void checkSysctl(std::string name, const RuntimeConfig& config) {
    std::replace(name.begin(), name.end(), '/', '.');
    for (const auto& own : ownSysctls) {
        const bool same = own.name.ends_with('.') ? name.starts_with(own.name) : name == own.name;
        if (same && config.find(own.space)) return;
    }
    throw Error::of("sysctl \"{}\" is not in a separate kernel namespace", name).hint("it is the machine's: set it there");
}

bool isBelow(const std::string& path, std::string_view folder) { return path.starts_with(folder) && path[folder.size()] == '/'; }

}  // namespace

void Rootfs::openSources() {
    for (const RuntimeMount& mount : config_.mounts) {
        MountOptions options = parseMountOptions(mount.options);
        Fd tree = options.bind || mount.type == "bind" ? openSource(mount, options) : Fd();
        options.bind = options.bind || mount.type == "bind";
        sources_.push_back({&mount, std::move(options), std::move(tree)});
    }
    for (const Cgroup::View& view : cgroups_) cgroupTrees_.emplace_back(view.name, cloneMount(view.folder, false));
}

Fd Rootfs::openSource(const RuntimeMount& mount, const MountOptions& options) const {
    bool ofProcess = mount.source.starts_with("/proc/") && mount.source.find("/root/") != std::string::npos;
    if (!options.subpath.empty()) {
        Fd folder = openFile(mount.source, O_PATH | O_DIRECTORY);
        return cloneMountOf(openInRoot(folder.get(), options.subpath, O_PATH).get(), options.recursive);
    }
    return ofProcess ? cloneFromProcess(mount.source, options.recursive) : cloneMount(mount.source, options.recursive);
}

void Rootfs::mountRoot(const std::string& bundleRoot) {
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) throw SystemError("make the mounts private", errno);
    std::string place = bundleRoot;
    if (place.empty()) {
        root_ = mountOverlay({plan_.lowers, plan_.upper, plan_.work, plan_.autoRemove});
        place = plan_.stateDir + "/containers/" + plan_.id + "/merged";
        if (::mkdir(place.c_str(), 0700) != 0 && errno != EEXIST) throw SystemError("make " + place, errno);
    } else {
        root_ = cloneMount(place, true);
        changeMount(root_.get(), {.propagation = MS_PRIVATE, .recursive = true});
    }
    attachMount(root_.get(), openFile(place, O_PATH | O_DIRECTORY).get());
}

void Rootfs::enter() {
    if (::fchdir(root_.get()) != 0) throw SystemError("change to the container's root", errno);
    // The new root is put on top of the old one, which is then taken away from below it.
    if (::syscall(SYS_pivot_root, ".", ".") != 0) throw SystemError("change the root", errno);
    if (::umount2(".", MNT_DETACH) != 0) throw SystemError("leave the host's mounts", errno);
    if (::chdir("/") != 0) throw SystemError("change to the container's root", errno);
}

void Rootfs::mountAll() {
    for (Source& source : sources_) {
        try {
            mount(source);
        } catch (Error& error) {
            throw error.during("mount {} on {}", source.mount->source.empty() ? source.mount->type : source.mount->source,
                               source.mount->destination);
        }
    }
}

void Rootfs::mount(Source& source) {
    if (source.options.bind) return mountBind(source);
    if (source.mount->type == "tmpfs") return mountTmpfs(source);
    if (source.mount->type == "cgroup" || source.mount->type == "cgroup2") return mountCgroups(source);
    mountFileSystem(source);
}

void Rootfs::mountBind(Source& source) {
    MountChange change = source.options.change;
    change.recursive = source.options.recursive;
    if (!change.propagation) change.propagation = MS_PRIVATE;
    changeMount(source.tree.get(), change);
    const std::string& path = source.mount->destination;
    Fd target = isFolder(source.tree.get()) ? makeFolderInRoot(root_.get(), path) : makeFileInRoot(root_.get(), path);
    attachMount(source.tree.get(), target.get());
}

void Rootfs::attachFolder(Fd mount, const std::string& path) {
    Fd target = makeFolderInRoot(root_.get(), path);
    attachMount(mount.get(), target.get());
    if (path == "/dev") dev_ = std::move(mount);
    else if (path == "/dev/pts") pts_ = std::move(mount);
    else if (path == "/proc") proc_ = std::move(mount);
}

void Rootfs::mountTmpfs(const Source& source) {
    std::vector<std::string> data = source.options.data;
    bool hasMode = std::any_of(data.begin(), data.end(), [](const std::string& option) { return option.starts_with("mode="); });
    // As docker does: a folder of the image keeps its mode.
    Fd existing = hasMode ? Fd() : tryOpenInRoot(root_.get(), source.mount->destination, O_PATH | O_DIRECTORY);
    struct stat about{};
    if (existing && ::fstat(existing.get(), &about) == 0) data.push_back(fmt::format("mode={:o}", about.st_mode & 07777));
    attachFolder(mountNew("tmpfs", data, source.options.change.set), source.mount->destination);
}

/// Each group of the container as a folder, none of the others: v1 below a tmpfs, v2 itself.
void Rootfs::mountCgroups(const Source& source) {
    const std::string& path = source.mount->destination;
    const std::uint64_t flags = source.options.change.set;
    if (cgroupTrees_.empty()) return;
    if (cgroupTrees_.front().first.empty()) {
        changeMount(cgroupTrees_.front().second.get(), {.set = flags, .propagation = MS_PRIVATE});
        return attachFolder(std::move(cgroupTrees_.front().second), path);
    }
    Fd base = mountNew("tmpfs", {"mode=755", "size=64k"}, flags & ~std::uint64_t{MOUNT_ATTR_RDONLY});
    Fd kept(::fcntl(base.get(), F_DUPFD_CLOEXEC, 0));
    attachFolder(std::move(base), path);
    for (auto& [name, tree] : cgroupTrees_) {
        if (::mkdirat(kept.get(), name.c_str(), 0755) != 0) throw SystemError("make a folder for " + name, errno);
        Fd target = openInRoot(kept.get(), name, O_PATH | O_DIRECTORY);
        changeMount(tree.get(), {.set = flags, .propagation = MS_PRIVATE});
        attachMount(tree.get(), target.get());
        // Controllers that share a hierarchy ("cpu,cpuacct") are also found by their own names.
        for (size_t begin = 0; name.find(',') != std::string::npos && begin < name.size();) {
            size_t end = std::min(name.find(',', begin), name.size());
            (void)!::symlinkat(name.c_str(), kept.get(), name.substr(begin, end - begin).c_str());
            begin = end + 1;
        }
    }
    changeMount(kept.get(), {.set = flags});
}

void Rootfs::mountFileSystem(const Source& source) {
    std::vector<std::string> data = source.options.data;
    // Devices of the host, by path: nfs, ext4 and the like. Pseudo file systems have no source.
    if (source.mount->source.find('/') != std::string::npos || source.mount->type == "nfs") data.insert(data.begin(), "source=" + source.mount->source);
    try {
        attachFolder(mountNew(source.mount->type, data, source.options.change.set), source.mount->destination);
    } catch (const SystemError& error) {
        // mqueue is optional in kernels.
        if (error.code() != ENODEV || source.mount->type != "mqueue") throw;
    }
}

void Rootfs::populateDev() {
    if (!dev_) return;  // the user's own /dev
    ::umask(0);
    for (const RuntimeDevice& device : defaultDevices) makeNode(device);
    for (const RuntimeDevice& device : config_.devices) makeNode(device);
    ::umask(022);
    for (const Link& link : devLinks) {
        if (::symlinkat(link.target, dev_.get(), link.name) != 0 && errno != EEXIST)
            throw SystemError(fmt::format("link /dev/{}", link.name), errno);
    }
}

void Rootfs::makeNode(const RuntimeDevice& device) {
    size_t slash = device.path.rfind('/');
    if (slash == std::string::npos) throw Error::of("invalid device path {}", device.path);
    std::string name = device.path.substr(slash + 1);
    Fd parent = makeFolderInRoot(root_.get(), slash == 0 ? "/" : device.path.substr(0, slash));
    mode_t type = device.type == 'b' ? S_IFBLK : device.type == 'p' ? S_IFIFO : S_IFCHR;
    dev_t number = device.type == 'p' ? 0 : makedev(device.major, device.minor);
    if (::mknodat(parent.get(), name.c_str(), type | (device.mode & 07777), number) != 0) {
        struct stat about{};
        bool same = errno == EEXIST && ::fstatat(parent.get(), name.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0 &&
                    (about.st_mode & S_IFMT) == type && about.st_rdev == number;
        if (!same) throw SystemError("make device " + device.path, errno);
    }
    if ((device.uid || device.gid) && ::fchownat(parent.get(), name.c_str(), device.uid, device.gid, AT_SYMLINK_NOFOLLOW) != 0)
        throw SystemError("chown device " + device.path, errno);
}

std::pair<Fd, Fd> Rootfs::openConsole() {
    if (!pts_) throw Error::of("a terminal needs /dev/pts to be mounted");
    Fd master(::openat(pts_.get(), "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!master) throw SystemError("open a terminal", errno);
    int unlock = 0;
    ::ioctl(master.get(), TIOCSPTLCK, &unlock);
    Fd slave(::ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!slave) throw SystemError("open a terminal", errno);
    if (dev_) {
        Fd console(::openat(dev_.get(), "console", O_CREAT | O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (console) attachMount(cloneMountOf(slave.get(), false).get(), console.get());
    }
    return {std::move(master), std::move(slave)};
}

void Rootfs::applySysctls() {
    for (const auto& [name, value] : config_.sysctls) {
        checkSysctl(name, config_);
        if (!proc_) throw Error::of("sysctls need /proc to be mounted");
        std::string path = "sys/" + name;
        std::replace(path.begin() + 4, path.end(), '.', '/');
        if (path.find("..") != std::string::npos) throw Error::of("invalid sysctl {}", name);
        // Relative to the mount that was made here: nothing in the container can stand in for it.
        Fd file(::openat(proc_.get(), path.c_str(), O_WRONLY | O_CLOEXEC));
        if (!file || ::write(file.get(), value.data(), value.size()) < 0) throw SystemError(fmt::format("set sysctl {} to {}", name, value), errno);
    }
}

void Rootfs::protect() {
    for (const std::string& path : config_.readOnlyPaths) makeReadOnly(path);
    for (const std::string& path : config_.maskedPaths) mask(path);
}

void Rootfs::makeReadOnly(const std::string& path) {
    Fd target = tryOpenInRoot(root_.get(), path, O_PATH);
    if (!target) return;
    if (isBelow(path, "/proc") && !isOnFileSystem(target.get(), PROC_SUPER_MAGIC)) throw Error::of("{} is not the kernel's", path);
    Fd copy = cloneMountOf(target.get(), true);
    changeMount(copy.get(), {.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, .recursive = true});
    attachMount(copy.get(), target.get());
}

void Rootfs::mask(const std::string& path) {
    Fd target = tryOpenInRoot(root_.get(), path, O_PATH);
    if (!target) return;
    if (isBelow(path, "/proc") && !isOnFileSystem(target.get(), PROC_SUPER_MAGIC)) throw Error::of("{} is not the kernel's", path);
    if (isFolder(target.get())) {
        attachMount(mountNew("tmpfs", {"size=0"}, MOUNT_ATTR_RDONLY).get(), target.get());
        return;
    }
    Fd null = openInRoot(root_.get(), "/dev/null", O_PATH | O_NOFOLLOW);
    struct stat about{};
    if (::fstat(null.get(), &about) != 0 || !S_ISCHR(about.st_mode) || about.st_rdev != makedev(1, 3))
        throw Error::of("/dev/null of the container is not the null device");
    attachMount(cloneMountOf(null.get(), false).get(), target.get());
}

void Rootfs::makeWorkingDir() {
    try {
        makeFolderInRoot(root_.get(), config_.process.workingDir);
    } catch (const SystemError&) {
        // A read-only volume, a file of that name: chdir says it in the words that users know.
    }
}

void Rootfs::sealRoot() {
    if (config_.readOnlyRoot) changeMount(root_.get(), {.set = MOUNT_ATTR_RDONLY});
}

}  // namespace devc::engine

#include "engine/linux/mount.h"

#include <cerrno>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "engine/error.h"

namespace devc::engine {

namespace {

/// What the kernel wrote into the file system context about the last failure ("e overlay: ..."), for the error's detail.
std::string messageOf(int context) {
    char text[512];
    ssize_t got = ::read(context, text, sizeof text);
    return got > 2 ? std::string(text + 2, static_cast<size_t>(got) - 2) : std::string();
}

[[noreturn]] void failed(std::string_view action, int code, int context) {
    SystemError error(action, code);
    if (std::string message = messageOf(context); !message.empty()) error.detail("the kernel says: " + message);
    throw error;
}

Fd openContext(const std::string& type) {
    Fd context(::fsopen(type.c_str(), FSOPEN_CLOEXEC));
    if (!context && errno == ENODEV) throw SystemError(fmt::format("mount {}: the kernel has no such file system", type), ENODEV).hint(fmt::format("modprobe {}", type));
    if (!context) throw SystemError("open file system " + type, errno);
    return context;
}

void setString(int context, const char* key, const std::string& value) {
    if (::fsconfig(context, FSCONFIG_SET_STRING, key, value.c_str(), 0) != 0)
        failed(fmt::format("mount option {}={}", key, value), errno, context);
}

Fd create(int context, const std::string& type, std::uint64_t attributes) {
    if (::fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) failed("mount " + type, errno, context);
    Fd mount(::fsmount(context, FSMOUNT_CLOEXEC, static_cast<unsigned>(attributes)));
    if (!mount) failed("mount " + type, errno, context);
    return mount;
}

/// Works from /proc/self/fd, so that each layer's name is as short as "12": an option's value has at most 255 bytes.
class ShortNames {
public:
    ShortNames() : back_(openFile(".", O_PATH | O_DIRECTORY)) {
        if (::chdir("/proc/self/fd") != 0) throw SystemError("change to /proc/self/fd", errno);
    }
    ~ShortNames() {
        if (::fchdir(back_.get()) != 0) return;  // the folder was open; nothing could be done in a destructor
    }
    ShortNames(const ShortNames&) = delete;
    ShortNames& operator=(const ShortNames&) = delete;

    std::string nameOf(const std::string& folder) {
        opened_.push_back(openFile(folder, O_PATH | O_DIRECTORY));
        return std::to_string(opened_.back().get());
    }

private:
    Fd back_;
    std::vector<Fd> opened_;
};

/// The kernel leaves a mark that keeps the upper folder from being mounted again, for who would rely on its contents.
void makeFleeting(int context, const std::string& work) {
    const std::string mark = work + "/work/incompat";
    ::rmdir((mark + "/volatile").c_str());
    ::rmdir(mark.c_str());
    // Kernels before 5.10 do not know it: they sync, that is all.
    (void)::fsconfig(context, FSCONFIG_SET_FLAG, "volatile", nullptr, 0);
}

/// Kernels before 6.5 keep whatever options there are for when the overlay is made, and refuse it then; later ones refuse
/// what they do not know at once, and leave the context as it was.
bool keepsUnknownOptions(int context) {
    if (::fsconfig(context, FSCONFIG_SET_FLAG, "devc-asks", nullptr, 0) == 0) return true;
    messageOf(context);  // of this, not of what fails later
    return false;
}

/// Kernels before 6.8 know only one option for all lower layers.
Fd mountOverlayInOneOption(const OverlayLayers& layers) {
    ShortNames names;
    Fd context = openContext("overlay");
    std::string joined;
    for (const std::string& lower : layers.lowers) joined += (joined.empty() ? "" : ":") + names.nameOf(lower);
    if (joined.size() > 255) throw Error::of("this kernel takes no overlay of {} layers", layers.lowers.size());
    setString(context.get(), "lowerdir", joined);
    if (!layers.upper.empty()) {
        setString(context.get(), "upperdir", names.nameOf(layers.upper));
        setString(context.get(), "workdir", names.nameOf(layers.work));
        if (layers.fleeting) makeFleeting(context.get(), layers.work);
    }
    return create(context.get(), "overlay", 0);
}

int openat2InRoot(int root, const std::string& path, int flags, unsigned mode) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.mode = (flags & (O_CREAT | O_TMPFILE)) ? mode : 0;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    for (int attempt = 0;; ++attempt) {
        long result = ::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
        // EAGAIN: a rename somewhere on the system made the kernel unsure about "..".
        if (result >= 0 || (errno != EAGAIN && errno != EINTR) || attempt == 128) return static_cast<int>(result);
    }
}

std::string_view parentOf(std::string_view path) {
    while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
    size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

std::string nameOf(std::string_view path) {
    while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
    return std::string(path.substr(path.rfind('/') + 1));
}

}  // namespace

Fd mountOverlay(const OverlayLayers& layers) {
    Fd context = openContext("overlay");
    if (keepsUnknownOptions(context.get())) return mountOverlayInOneOption(layers);
    for (const std::string& lower : layers.lowers) {
        if (::fsconfig(context.get(), FSCONFIG_SET_STRING, "lowerdir+", lower.c_str(), 0) == 0) continue;
        if (errno == EINVAL && &lower == &layers.lowers.front()) return mountOverlayInOneOption(layers);
        failed("overlay layer " + lower, errno, context.get());
    }
    if (!layers.upper.empty()) {
        setString(context.get(), "upperdir", layers.upper);
        setString(context.get(), "workdir", layers.work);
        if (layers.fleeting) makeFleeting(context.get(), layers.work);
    }
    return create(context.get(), "overlay", 0);
}

Fd mountNew(const std::string& type, const std::vector<std::string>& options, std::uint64_t attributes) {
    Fd context = openContext(type);
    setString(context.get(), "source", type);  // what the first column of a mount table says
    for (const std::string& option : options) {
        size_t equals = option.find('=');
        if (equals != std::string::npos) {
            setString(context.get(), option.substr(0, equals).c_str(), option.substr(equals + 1));
        } else if (::fsconfig(context.get(), FSCONFIG_SET_FLAG, option.c_str(), nullptr, 0) != 0) {
            failed("mount option " + option, errno, context.get());
        }
    }
    return create(context.get(), type, attributes);
}

Fd cloneMount(const std::string& path, bool recursive) {
    unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? unsigned{AT_RECURSIVE} : 0u);
    Fd mount(::open_tree(AT_FDCWD, path.c_str(), flags));
    if (!mount) throw SystemError("bind " + path, errno);
    return mount;
}

Fd cloneMountOf(int descriptor, bool recursive) {
    unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? unsigned{AT_RECURSIVE} : 0u);
    Fd mount(::open_tree(descriptor, "", flags));
    if (!mount) throw SystemError("bind", errno);
    return mount;
}

void changeMount(int mount, const MountChange& change) {
    if (!change.set && !change.clear && !change.propagation) return;
    mount_attr attributes{};
    attributes.attr_set = change.set;
    attributes.attr_clr = change.clear;
    attributes.propagation = change.propagation;
    unsigned flags = AT_EMPTY_PATH | (change.recursive ? unsigned{AT_RECURSIVE} : 0u);
    if (::mount_setattr(mount, "", flags, &attributes, sizeof attributes) != 0)
        throw SystemError("change the flags of a mount", errno);
}

void attachMount(int mount, int target) {
    if (::move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0)
        throw SystemError("attach a mount", errno);
}

Fd openInRoot(int root, std::string_view path, int flags, unsigned mode) {
    Fd file(openat2InRoot(root, std::string(path), flags, mode));
    if (!file) throw SystemError(fmt::format("open {} in the container", path), errno);
    return file;
}

Fd tryOpenInRoot(int root, std::string_view path, int flags) {
    Fd file(openat2InRoot(root, std::string(path), flags, 0));
    if (!file && errno != ENOENT && errno != ENOTDIR) throw SystemError(fmt::format("open {} in the container", path), errno);
    return file;
}

Fd makeFolderInRoot(int root, std::string_view path, unsigned mode) {
    Fd folder = tryOpenInRoot(root, path, O_PATH | O_DIRECTORY);
    if (folder) return folder;
    std::string_view parentPath = parentOf(path);
    if (parentPath == path) throw SystemError(fmt::format("make folder {} in the container", path), ENOENT);
    Fd parent = makeFolderInRoot(root, parentPath, mode);
    if (::mkdirat(parent.get(), nameOf(path).c_str(), static_cast<mode_t>(mode)) != 0 && errno != EEXIST)
        throw SystemError(fmt::format("make folder {} in the container", path), errno);
    return openInRoot(root, path, O_PATH | O_DIRECTORY);
}

Fd makeFileInRoot(int root, std::string_view path, unsigned mode) {
    Fd file = tryOpenInRoot(root, path, O_PATH);
    if (file) return file;
    Fd parent = makeFolderInRoot(root, parentOf(path));
    Fd made(::openat(parent.get(), nameOf(path).c_str(), O_CREAT | O_EXCL | O_RDONLY | O_NOFOLLOW | O_CLOEXEC,
                     static_cast<mode_t>(mode)));
    if (!made && errno != EEXIST) throw SystemError(fmt::format("make file {} in the container", path), errno);
    return openInRoot(root, path, O_PATH);
}

bool isOnFileSystem(int descriptor, long magic) {
    struct statfs about{};
    return ::fstatfs(descriptor, &about) == 0 && about.f_type == magic;
}

}  // namespace devc::engine

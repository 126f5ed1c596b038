#include "tests/fuzz/tar/box.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "engine/linux/fd.h"
#include "engine/linux/remove_tree.h"

namespace devc::fuzz::box {
namespace {

namespace fs = std::filesystem;

void need(bool good, const std::string& what) {
    if (good) return;
    std::fprintf(stderr, "cannot %s: %s (the fuzzer of archives has to be root)\n", what.c_str(), std::strerror(errno));
    std::exit(1);
}

struct Watched {
    std::string path;
    bool mayBeRead;
    struct stat before {};
};
std::vector<Watched> watched;
struct stat boxBefore {}, insideBefore {}, layerBefore {}, treeBefore {};

struct stat statOf(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) escaped(path + " is not there");
    return status;
}

bool same(const timespec& a, const timespec& b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; }

bool unchanged(const struct stat& a, const struct stat& b, bool mayBeRead) {
    return a.st_ino == b.st_ino && a.st_mode == b.st_mode && a.st_nlink == b.st_nlink && a.st_uid == b.st_uid && a.st_gid == b.st_gid &&
           a.st_size == b.st_size && same(a.st_mtim, b.st_mtim) && same(a.st_ctim, b.st_ctim) && (mayBeRead || same(a.st_atim, b.st_atim));
}

void watch(const fs::path& path, bool mayBeRead) {
    watched.push_back({path, mayBeRead, {}});
    if (fs::is_directory(fs::symlink_status(path)))
        for (const auto& entry : fs::directory_iterator(path)) watch(entry.path(), mayBeRead);
}

void write(const std::string& path, const char* text) { std::ofstream(path) << text; }

std::set<std::string> namesIn(const char* folder) {
    std::set<std::string> names;
    DIR* listing = ::opendir(folder);
    need(listing != nullptr, std::string("list ") + folder);
    while (const dirent* entry = ::readdir(listing)) names.insert(entry->d_name);
    ::closedir(listing);
    return names;
}

void expectNames(const char* folder, std::set<std::string> names) {
    names.insert({".", ".."});
    if (namesIn(folder) != names) escaped(std::string("something was made in or removed from ") + folder);
}

/// What libFuzzer writes to: where it is, where its temporary files go, its corpora, what crashed.
std::set<std::string> foldersOf(int argc, char** argv) {
    std::set<std::string> folders = {fs::current_path()};
    if (const char* temporary = std::getenv("TMPDIR")) folders.insert(fs::absolute(temporary));
    constexpr std::string_view prefix = "-artifact_prefix=";
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument.starts_with(prefix)) folders.insert(fs::absolute(argument.substr(prefix.size())).parent_path());
        else if (fs::is_directory(argument)) folders.insert(fs::canonical(argument));
    }
    return folders;
}

void setReadOnly(const char* path, bool readOnly, unsigned flags) {
    mount_attr attributes{};
    (readOnly ? attributes.attr_set : attributes.attr_clr) = MOUNT_ATTR_RDONLY;
    need(::mount_setattr(AT_FDCWD, path, flags, &attributes, sizeof attributes) == 0, std::string("change the mount ") + path);
}

bool attributeAllowed(std::string_view name) {
    return (name.starts_with("user.") && !name.starts_with("user.overlay.")) || name == "security.capability" ||
           name.starts_with("system.posix_acl_") || name == "trusted.overlay.opaque";
}

class Walk {
public:
    Walk(bool devices, bool specialModes) : devices_(devices), specialModes_(specialModes) {}

    void operator()(int folder, const std::string& path, dev_t device) const {
        DIR* listing = ::fdopendir(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        need(listing != nullptr, "list " + path);
        while (const dirent* entry = ::readdir(listing)) {
            const std::string name = entry->d_name;
            if (name == "." || name == "..") continue;
            look(folder, name, path + "/" + name, device);
        }
        ::closedir(listing);
    }

private:
    void look(int folder, const std::string& name, const std::string& path, dev_t device) const {
        struct stat status {};
        need(::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0, "stat " + path);
        if (status.st_dev != device) escaped(path + " is on another file system");
        if (!devices_ && (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode))) escaped(path + " is a device");
        if (!specialModes_ && S_ISREG(status.st_mode) && (status.st_mode & 07000) != 0) escaped(path + " is set-user-ID");
        if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) return;
        const Fd self(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOATIME));
        need(static_cast<bool>(self), "open " + path);
        char names[4096];
        const ssize_t size = ::flistxattr(self.get(), names, sizeof names);
        for (const char* attribute = names; size > 0 && attribute < names + size; attribute += std::strlen(attribute) + 1)
            if (!attributeAllowed(attribute)) escaped(path + " has the attribute " + attribute);
        if (S_ISDIR(status.st_mode)) (*this)(self.get(), path, device);
    }

    using Fd = engine::Fd;
    bool devices_, specialModes_;
};

void verifyFolder(const char* path, const struct stat& before, bool devices, bool specialModes) {
    const struct stat now = statOf(path);
    if (now.st_ino != before.st_ino || now.st_mode != before.st_mode || now.st_uid != before.st_uid || now.st_gid != before.st_gid)
        escaped(std::string(path) + " itself has changed");
    const engine::Fd folder(::open(path, O_PATH | O_DIRECTORY | O_CLOEXEC));
    Walk(devices, specialModes)(folder.get(), path, now.st_dev);
}

}  // namespace

void escaped(const std::string& what) {
    std::fprintf(stderr, "an archive led out: %s\n", what.c_str());
    std::abort();
}

void enter(int argc, char** argv) {
    const std::string here = fs::current_path();
    const std::set<std::string> kept = foldersOf(argc, argv);
    need(::unshare(CLONE_NEWNS) == 0, "make a mount namespace");
    need(::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "make mounts private");
    for (const std::string& folder : kept) need(::mount(folder.c_str(), folder.c_str(), nullptr, MS_BIND, nullptr) == 0, "keep " + folder);
    setReadOnly("/", true, AT_RECURSIVE);
    for (const std::string& folder : kept) setReadOnly(folder.c_str(), false, 0);
    need(::chdir(here.c_str()) == 0, "return to " + here);
    // Every access shows in a time: what lies outside may not even be read.
    need(::mount("fuzz", "/mnt", "tmpfs", MS_STRICTATIME | MS_NODEV | MS_NOEXEC, "size=64m,mode=755") == 0, "mount a tmpfs");
    ::umask(0);
    fs::create_directories("/mnt/outside/folder");
    write("/mnt/outside/file", "of somebody else");
    write("/mnt/outside/folder/file", "of somebody else too");
    fs::create_directories("/mnt/below/folder/deeper");
    write("/mnt/below/file", "below");
    write("/mnt/below/folder/file", "deeper below");
    fs::create_symlink("../outside", "/mnt/below/up");
    fs::create_symlink("/mnt/outside/file", "/mnt/below/out");
    need(::chown("/mnt/below/folder", 1000, 1000) == 0 && ::chmod("/mnt/below/folder", 01750) == 0, "chown");
    need(::mknod("/mnt/below/gone", S_IFCHR | 0600, makedev(0, 0)) == 0, "make a whiteout");
    watch("/mnt/outside", false);
    watch("/mnt/below", true);
    ::usleep(20'000);  // later than the times above, however coarse the clock
    for (Watched& one : watched) one.before = statOf(one.path);
}

void refill() {
    engine::removeTree("/mnt/in");
    for (const char* folder : {"/mnt/in", layer, tree, "/mnt/in/tree/folder"}) need(::mkdir(folder, 0755) == 0, std::string("make ") + folder);
    need(::mknod("/mnt/in/tree/file", S_IFREG | 0644, 0) == 0, "make a file");
    need(::symlink("/mnt/outside", "/mnt/in/tree/out") == 0 && ::symlink("../../outside", "/mnt/in/tree/up") == 0 &&
         ::symlink("/mnt/outside/file", "/mnt/in/tree/link") == 0, "make links");
    boxBefore = statOf("/mnt");
    insideBefore = statOf("/mnt/in");
    layerBefore = statOf(layer);
    treeBefore = statOf(tree);
}

void verify(bool devicesInTree, bool specialModesInTree) {
    if (!unchanged(boxBefore, statOf("/mnt"), true) || !unchanged(insideBefore, statOf("/mnt/in"), true) || ::listxattr("/mnt/in", nullptr, 0) != 0)
        escaped("a folder above was changed");
    expectNames("/mnt", {"in", "outside", "below"});
    expectNames("/mnt/in", {"layer", "tree"});
    for (const Watched& one : watched)
        if (!unchanged(one.before, statOf(one.path), one.mayBeRead)) escaped(one.path + " was changed or read");
    verifyFolder(layer, layerBefore, true, true);
    verifyFolder(tree, treeBefore, devicesInTree, specialModesInTree);
}

}  // namespace devc::fuzz::box

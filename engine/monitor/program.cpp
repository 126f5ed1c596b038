#include "engine/monitor/program.h"

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/magic.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "engine/linux/mount.h"
#include "engine/linux/process.h"

namespace devc::engine {

namespace {

const char* find(const std::vector<std::string>& environment, std::string_view name) {
    for (const std::string& entry : environment) {
        if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name)) return entry.c_str() + name.size() + 1;
    }
    return nullptr;
}

void loadFilter(const std::string& filter) {
    if (filter.empty()) return;
    // Copied: the text has no alignment that the structures need.
    std::vector<sock_filter> rules(filter.size() / sizeof(sock_filter));
    std::memcpy(rules.data(), filter.data(), rules.size() * sizeof(sock_filter));
    sock_fprog program{static_cast<unsigned short>(rules.size()), rules.data()};
    if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) throw SystemError("load the seccomp filter", errno);
}

Error notRun(const std::string& name, int code) {
    if (code == ENOENT || code == ENOTDIR) return Error::of("exec: \"{}\": stat {}: {}", name, name, std::strerror(code)).status(127);
    return Error::of("exec: \"{}\": {}", name, code == EISDIR ? "is a directory" : std::strerror(code)).status(126);
}

bool isFolder(const char* path) {
    struct stat about{};
    return ::stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

std::vector<char*> pointersTo(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

void closeOnExec() {
    if (::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
    // Kernels before 5.11 lack the flag; the engine's own descriptors have it anyway.
    for (int descriptor = 3; descriptor < 1024; ++descriptor) ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

void give(int descriptor, uid_t owner) {
    struct stat about{};
    // Others' files are not touched, and of what belongs to root only pipes that nobody has named.
    if (isOnFileSystem(descriptor, PIPEFS_MAGIC) && ::fstat(descriptor, &about) == 0 && about.st_uid != owner)
        (void)!::fchown(descriptor, owner, static_cast<gid_t>(-1));
}

bool isNull(int descriptor) {
    struct stat about{};
    return ::fstat(descriptor, &about) == 0 && S_ISCHR(about.st_mode) && about.st_rdev == makedev(1, 3);
}

/// The container's own: with a descriptor of the machine's /dev/null its mode and owner could be changed.
Fd openNull() {
    Fd null(::open("/dev/null", O_RDWR | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC));
    if (!null || !isNull(null.get())) throw Error("/dev/null of the container is not the null device", 126);
    ::fcntl(null.get(), F_SETFL, 0);
    return null;
}

}  // namespace

void addHome(std::vector<std::string>& environment, const std::string& home) {
    if (!find(environment, "HOME")) environment.push_back("HOME=" + home);
}

void enterWorkingDir(const std::string& path) {
    if (::chdir(path.c_str()) != 0) {
        throw Error::of("chdir to cwd (\"{}\") failed: {}", path, std::strerror(errno)).status(errno == ENOENT ? 127 : 126);
    }
    char where[PATH_MAX];
    // The kernel says "(unreachable)" or ENOENT of a folder outside the root.
    if (!::getcwd(where, sizeof where) || where[0] != '/') throw Error::of("the working directory {} is outside of the container", path).status(126);
}

std::vector<std::string> applyLimits(const std::vector<RuntimeLimit>& limits) {
    std::vector<std::string> warnings;
    for (const RuntimeLimit& limit : limits) {
        rlimit wanted{limit.soft, limit.hard}, current{};
        auto resource = static_cast<__rlimit_resource_t>(limit.resource);
        if (::setrlimit(resource, &wanted) == 0) continue;
        if (errno != EPERM || ::getrlimit(resource, &current) != 0) throw SystemError("set resource limit " + limit.name, errno);
        wanted.rlim_max = current.rlim_max;
        if (wanted.rlim_cur > wanted.rlim_max) wanted.rlim_cur = wanted.rlim_max;
        ::setrlimit(resource, &wanted);
        warnings.push_back(fmt::format("{} stays at {} of {}: raising it needs CAP_SYS_RESOURCE", limit.name, wanted.rlim_max, limit.hard));
    }
    return warnings;
}

void shedPrivileges(const Program& program) {
    // A filter may be loaded with CAP_SYS_ADMIN or no_new_privs only: before the capabilities go, or after the latter.
    limitBoundingSet(program.capabilities.bounding);
    if (!program.noNewPrivileges) loadFilter(program.seccomp);
    ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
    if (::setgroups(program.user.groups.size(), program.user.groups.data()) != 0) throw SystemError("set the groups", errno);
    if (::setresgid(program.user.gid, program.user.gid, program.user.gid) != 0) throw SystemError(fmt::format("become group {}", program.user.gid), errno);
    if (::setresuid(program.user.uid, program.user.uid, program.user.uid) != 0) throw SystemError(fmt::format("become user {}", program.user.uid), errno);
    applyCapabilities(program.capabilities);
    ::prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
    // After the user changed, which would clear it.
    if (program.dieWithParent) ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (program.noNewPrivileges) {
        if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) throw SystemError("set no_new_privs", errno);
        loadFilter(program.seccomp);
    }
    ::umask(program.umask);
    closeOnExec();
}

void execute(const Program& program) {
    if (program.arguments.empty()) throw Error::of("no program to run").status(127);
    const std::string& name = program.arguments.front();
    std::vector<char*> arguments = pointersTo(program.arguments), environment = pointersTo(program.environment);
    resetSignals();
    if (name.find('/') != std::string::npos) {
        ::execve(name.c_str(), arguments.data(), environment.data());
        throw notRun(name, isFolder(name.c_str()) ? EISDIR : errno);
    }
    const char* path = find(program.environment, "PATH");
    std::string_view folders = path ? path : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    int failure = 0;
    while (!name.empty()) {
        std::string_view folder = folders.substr(0, folders.find(':'));
        std::string candidate = (folder.empty() ? std::string(".") : std::string(folder)) + "/" + name;
        ::execve(candidate.c_str(), arguments.data(), environment.data());
        if (errno == EACCES && isFolder(candidate.c_str())) errno = ENOENT;
        if (errno != ENOENT && errno != ENOTDIR) failure = errno;
        if (failure && failure != EACCES) throw notRun(name, failure);
        if (folder.size() == folders.size()) break;
        folders.remove_prefix(folder.size() + 1);
    }
    if (failure) throw notRun(name, failure);
    throw Error::of("exec: \"{}\": executable file not found in $PATH", name).status(127);
}

void become(const Program& program) {
    shedPrivileges(program);
    execute(program);
}

void takeStdio(int in, int out, int err, uid_t owner) {
    int sources[] = {in, out, err};
    for (int target = 0; target < 3; ++target) {
        const Fd null = isNull(sources[target]) ? openNull() : Fd();
        if (::dup2(null ? null.get() : sources[target], target) < 0) throw SystemError("pass stdio", errno);
        give(target, owner);
    }
}

void takeTerminal(int terminal, uid_t owner) {
    ::setsid();
    if (::ioctl(terminal, TIOCSCTTY, 0) != 0) throw SystemError("take the terminal", errno);
    (void)!::fchown(terminal, owner, static_cast<gid_t>(-1));
    for (int target = 0; target < 3; ++target) {
        if (::dup2(terminal, target) < 0) throw SystemError("pass the terminal", errno);
    }
}

}  // namespace devc::engine

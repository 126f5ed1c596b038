#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "app/doctor/doctor.h"
#include "engine/error.h"
#include "engine/host.h"
#include "engine/linux/caps.h"
#include "engine/linux/cgroup.h"
#include "engine/linux/fd.h"
#include "engine/linux/netlink.h"
#include "engine/linux/nftables.h"

namespace devc::app {
namespace {

/// The number in a file of the kernel; none if it cannot be read.
std::optional<std::uint64_t> numberIn(const char* path) {
    try {
        return engine::cgroup::number(engine::readFile(path));
    } catch (const engine::Error&) {
        return std::nullopt;
    }
}

/// Asks for the file system without mounting it; the kernel loads its module if it has one.
std::string problemOfOverlay() {
    const engine::Fd type(::fsopen("overlay", FSOPEN_CLOEXEC));
    return type.get() >= 0 ? std::string() : std::strerror(errno);
}

FolderFacts folderAt(const std::filesystem::path& path, bool holdsLayers) {
    FolderFacts facts;
    facts.path = path;
    const engine::Fd probe(::open(path.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
    if (probe.get() < 0 && errno != EOPNOTSUPP) facts.problem = std::strerror(errno);
    struct statfs type{};
    facts.overlay = holdsLayers && ::statfs(path.c_str(), &type) == 0 && type.f_type == OVERLAYFS_SUPER_MAGIC;
    struct statvfs space{};
    if (::statvfs(path.c_str(), &space) == 0) facts.freeBytes = static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
    return facts;
}

void lookAtFirewall(HostFacts& facts) {
    try {
        engine::nft::Nftables firewall;
        firewall.tableNames();
        for (const engine::nft::ForeignChain& chain : firewall.foreignChains("devc-"))
            if (chain.forwardHook && chain.drops) facts.droppingChains.push_back(chain.table + " " + chain.name);
    } catch (const engine::Error& error) {
        facts.firewallProblem = error.what();
    }
}

void lookAtInterfaces(HostFacts& facts) {
    engine::Netlink network;
    for (const char* kind : {"bridge", "veth"})
        if (!network.knows(kind)) facts.missingInterfaces.emplace_back(kind);
}

void lookAtCgroups(HostFacts& facts) {
    const std::vector<engine::CgroupHierarchy> hierarchies = engine::cgroupHierarchies();
    facts.controllers = engine::cgroup::controllers(hierarchies);
    facts.cgroupVersion = engine::cgroup::unified(hierarchies) ? 2 : hierarchies.empty() ? 0 : 1;
}

/// Found as a shell would.
bool isProgram(const std::string& name) {
    const char* path = std::getenv("PATH");
    std::istringstream folders(path ? path : "/usr/bin:/bin");
    for (std::string folder; std::getline(folders, folder, ':');)
        if (::access((folder + "/" + name).c_str(), X_OK) == 0) return true;
    return false;
}

std::string callersName() {
    if (const char* behind = std::getenv("SUDO_USER"); behind != nullptr && ::getuid() == 0) return behind;
    const char* name = ::getuid() == 0 ? nullptr : std::getenv("USER");
    return name ? name : "";
}

/// "anna:100000:65536" in a file of such lines.
bool givesIds(const char* file, const std::string& user) {
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(user + ":")) return true;
    return false;
}

RootlessFacts lookAtRootless() {
    RootlessFacts facts;
    if (numberIn("/proc/sys/kernel/unprivileged_userns_clone") == 0) facts.forbidding = "kernel.unprivileged_userns_clone=0";
    if (numberIn("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").value_or(0) != 0) facts.forbidding = "kernel.apparmor_restrict_unprivileged_userns=1";
    for (const char* program : {"newuidmap", "newgidmap"})
        if (!isProgram(program)) facts.missingPrograms.emplace_back(program);
    facts.user = callersName();
    for (const char* file : {"/etc/subuid", "/etc/subgid"})
        if (!facts.user.empty() && !givesIds(file, facts.user)) facts.filesWithout.emplace_back(file);
    return facts;
}

}  // namespace

HostFacts look(const engine::Host& host) {
    HostFacts facts;
    utsname names{};
    ::uname(&names);
    facts.kernel = names.release;
    lookAtCgroups(facts);
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/ns", ignored)) facts.namespaces.push_back(entry.path().filename());
    facts.overlayProblem = problemOfOverlay();
    facts.seccomp = std::filesystem::exists("/proc/sys/kernel/seccomp/actions_avail", ignored);
    facts.userNamespaces = numberIn("/proc/sys/user/max_user_namespaces").value_or(0);
    lookAtFirewall(facts);
    lookAtInterfaces(facts);
    facts.bridgedThroughFirewall = numberIn("/proc/sys/net/bridge/bridge-nf-call-iptables").value_or(0) != 0;
    if (const auto forwards = numberIn("/proc/sys/net/ipv4/ip_forward")) facts.forwards = *forwards != 0;
    facts.capabilities = engine::currentCapabilities().effective;
    facts.folders = {folderAt(host.stateDir, true), folderAt(host.runDir, false)};
    for (const std::filesystem::path& program : {host.monitorProgram(), host.transferProgram()})
        if (::access(program.c_str(), X_OK) != 0) facts.missingHelpers.push_back(program.filename());
    facts.rootless = lookAtRootless();
    return facts;
}

}  // namespace devc::app

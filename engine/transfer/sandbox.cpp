#include "engine/transfer/sandbox.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/linux/call_ban.h"
#include "engine/linux/caps.h"
#include "engine/linux/landlock.h"

namespace devc::engine::transfer {

namespace fs = std::filesystem;

namespace {

constexpr VerbTerms verbs[] = {
    {.name = "import", .store = true, .owners = true, .overlay = true},
    {.name = "layer", .store = true, .owners = true, .overlay = true},
    {.name = "pull", .network = true, .store = true, .owners = true, .overlay = true},
    {.name = "push", .network = true, .store = true},
    {.name = "load", .store = true, .owners = true, .overlay = true},
    {.name = "save", .store = true},
    {.name = "pack"},
    {.name = "extract", .owners = true},
    {.name = "download", .network = true},
    {.name = "login", .network = true, .programs = true},
    {.name = "logout", .programs = true},
    {.name = "resolve", .network = true},
    {.name = "search", .network = true},
    {.name = "fetch", .network = true},
    {.name = "publish", .network = true},
};

/// What no reader of archives, manifests and answers ever needs.
constexpr const char* neverNeeded[] = {
    "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "process_madvise",
    "mount", "umount2", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "pivot_root", "chroot",
    "setns", "unshare", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
    "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot",
    "keyctl", "add_key", "request_key", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd",
    "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname", "syslog", "vhangup",
    "iopl", "ioperm", "modify_ldt", "personality", "name_to_handle_at", "open_by_handle_at", "fanotify_init", "nfsservctl", "lookup_dcookie",
};
constexpr const char* startPrograms[] = {"execve", "execveat"};
constexpr const char* openSockets[] = {"socket", "socketpair"};

/// Where libraries and their tables are.
constexpr const char* ofLibraries[] = {"/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/urandom", "/dev/random", "/proc/self"};
/// Where certificates and the rules for names of hosts are.
constexpr const char* ofNetworks[] = {"/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/crypto-policies", "/var/lib/ca-certificates",
                                      "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf", "/etc/services",
                                      "/run/systemd/resolve", "/run/resolvconf"};

std::uint64_t capabilitiesOf(const VerbTerms& terms) {
    std::vector<const char*> names = {"DAC_OVERRIDE"};
    if (terms.owners) names.insert(names.end(), {"CHOWN", "FOWNER", "FSETID", "MKNOD", "SETFCAP"});
    if (terms.overlay) names.push_back("SYS_ADMIN");  // the kernel asks it for trusted.* attributes
    std::uint64_t kept = 0;
    for (const char* name : names) kept |= capabilityBit(name);
    return kept;
}

void dropCapabilities(std::uint64_t kept) {
    const CapabilitySets own = currentCapabilities();
    if (own.effective & capabilityBit("SETPCAP")) limitBoundingSet(kept);
    applyCapabilities({.bounding = kept, .permitted = kept, .effective = kept});
}

/// A folder of the administrator, and what links in it lead to.
void allowConfiguration(Landlock& files, const fs::path& folder) {
    std::error_code failed;
    files.allow(fs::weakly_canonical(folder, failed), Landlock::Files::Read);
    for (fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        std::error_code unread;
        if (entry->is_symlink(unread)) files.allow(fs::weakly_canonical(entry->path(), unread), Landlock::Files::Read);
    }
}

void allowSystem(Landlock& files, const VerbTerms& terms, const RegistrySettings& registries) {
    for (const char* place : ofLibraries) files.allow(place, Landlock::Files::Read);
    if (!terms.network) return;
    for (const char* place : ofNetworks) files.allow(place, Landlock::Files::Read);
    for (const char* variable : {"SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE"})
        if (const char* place = std::getenv(variable)) files.allow(place, Landlock::Files::Read);
    for (const fs::path& folder : registries.certificates) allowConfiguration(files, folder);
}

void restrictFiles(const VerbTerms& terms, const nlohmann::json& request, const RegistrySettings& registries) {
    Landlock files(terms.network ? Landlock::Network::Client : Landlock::Network::None);
    allowSystem(files, terms, registries);
    if (terms.name == "pack") files.allow(STDIN_FILENO, Landlock::Files::Read);
    if (terms.name == "extract") files.allow(STDOUT_FILENO, Landlock::Files::Change);
    if (terms.store) {
        const fs::path state = request.at("state").get<std::string>();
        for (const char* folder : {"blobs", "layers", "locks", "tmp"}) files.allow(state / folder, Landlock::Files::Change);
    }
    // It moves into the store: its parent loses a name.
    if (terms.name == "layer") files.allow(fs::path(request.at("folder").get<std::string>()).parent_path(), Landlock::Files::Change);
    files.enforce();
}

}  // namespace

const VerbTerms& termsOf(std::string_view verb) {
    const auto* found = std::find_if(std::begin(verbs), std::end(verbs), [&](const VerbTerms& one) { return one.name == verb; });
    if (found == std::end(verbs)) throw Error::of("devc-transfer does not know '{}'", verb);
    return *found;
}

void leaveDevices(const VerbTerms& terms) {
    // Where the machine does not let us (no CAP_SYS_ADMIN), nobody could open a device that he made either.
    if (!terms.store || ::unshare(CLONE_NEWNS) != 0) return;
    // Unmounting on the machine still reaches the copies.
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) throw SystemError("keep mounts apart", errno);
    mount_attr none{}, devices{};
    none.attr_set = MOUNT_ATTR_NODEV;
    devices.attr_clr = MOUNT_ATTR_NODEV;
    // Kernels before 5.12 lack the call: landlock and seccomp remain.
    if (::syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &none, sizeof none) != 0) return;
    ::syscall(SYS_mount_setattr, AT_FDCWD, "/dev", 0, &devices, sizeof devices);
}

void confine(const VerbTerms& terms, const nlohmann::json& request, const RegistrySettings& registries) {
    std::vector<const char*> banned(std::begin(neverNeeded), std::end(neverNeeded));
    if (!terms.programs) banned.insert(banned.end(), std::begin(startPrograms), std::end(startPrograms));
    if (!terms.network && !terms.programs) banned.insert(banned.end(), std::begin(openSockets), std::end(openSockets));
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) throw SystemError("set no_new_privs", errno);
    if (!terms.programs) {
        restrictFiles(terms, request, registries);
        dropCapabilities(capabilitiesOf(terms));
    }
    banCalls(banned);
}

}  // namespace devc::engine::transfer

#include "engine/monitor/privileges.h"

#include "engine/linux/caps.h"

namespace devc::engine {

namespace {

/// What is done for a container of any kind: namespaces, mounts, interfaces, control groups and their device filter, users,
/// limits, owners of descriptors; and devc, which the monitor starts to remove a container that has ended.
constexpr const char* forBoxes[] = {
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "SETFCAP", "MKNOD", "SYS_CHROOT",
    "SYS_PTRACE", "SYS_ADMIN", "SYS_RESOURCE", "NET_ADMIN", "NET_RAW", "NET_BIND_SERVICE", "BPF",
};

}  // namespace

void giveUpMachine(const RuntimeConfig& config) {
    const CapabilitySets own = currentCapabilities();
    if (!config.hooks.empty() || !(own.effective & capabilityBit("SETPCAP"))) return;
    const CapabilitySets& theirs = config.process.capabilities;
    std::uint64_t kept = theirs.bounding | theirs.permitted | theirs.inheritable;
    for (const char* name : forBoxes) kept |= capabilityBit(name);
    limitBoundingSet(kept);
    applyCapabilities({.bounding = kept, .permitted = kept, .effective = kept, .inheritable = own.inheritable & kept});
}

}  // namespace devc::engine

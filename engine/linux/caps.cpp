#include "engine/linux/caps.h"

#include <cerrno>
#include <linux/capability.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/error.h"

namespace devc::engine {

namespace {

constexpr const char* names[] = {
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
    "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
    "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
    "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
    "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
    "CHECKPOINT_RESTORE",
};
constexpr int known = static_cast<int>(sizeof names / sizeof names[0]);

std::uint64_t joined(const __user_cap_data_struct* data, __u32 __user_cap_data_struct::*set) {
    return data[0].*set | static_cast<std::uint64_t>(data[1].*set) << 32;
}

void split(__user_cap_data_struct* data, __u32 __user_cap_data_struct::*set, std::uint64_t value) {
    data[0].*set = static_cast<__u32>(value);
    data[1].*set = static_cast<__u32>(value >> 32);
}

}  // namespace

std::uint64_t capabilityBit(const std::string& name) {
    const char* text = name.c_str();
    if (::strncasecmp(text, "CAP_", 4) == 0) text += 4;
    for (int number = 0; number < known; ++number) {
        if (::strcasecmp(text, names[number]) == 0) return std::uint64_t{1} << number;
    }
    return 0;
}

CapabilitySets currentCapabilities() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2]{};
    if (::syscall(SYS_capget, &header, data) != 0) throw SystemError("read the capabilities", errno);
    CapabilitySets sets;
    sets.permitted = joined(data, &__user_cap_data_struct::permitted);
    sets.effective = joined(data, &__user_cap_data_struct::effective);
    sets.inheritable = joined(data, &__user_cap_data_struct::inheritable);
    for (unsigned number = 0; number < 64; ++number) {
        int held = ::prctl(PR_CAPBSET_READ, number, 0, 0, 0);
        if (held < 0) break;
        if (held) sets.bounding |= std::uint64_t{1} << number;
        if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, number, 0, 0) == 1) sets.ambient |= std::uint64_t{1} << number;
    }
    return sets;
}

void limitBoundingSet(std::uint64_t keep) {
    for (unsigned number = 0; number < 64; ++number) {
        if (keep >> number & 1) continue;
        if (::prctl(PR_CAPBSET_DROP, number, 0, 0, 0) == 0) continue;
        if (errno == EINVAL) return;  // the kernel has no capability of this number, nor a higher one
        throw SystemError(fmt::format("drop capability {} from the bounding set", number), errno);
    }
}

void applyCapabilities(const CapabilitySets& wanted) {
    CapabilitySets own = currentCapabilities();
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2]{};
    std::uint64_t permitted = wanted.permitted & own.permitted;
    split(data, &__user_cap_data_struct::permitted, permitted);
    split(data, &__user_cap_data_struct::effective, wanted.effective & permitted);
    split(data, &__user_cap_data_struct::inheritable, wanted.inheritable & permitted);
    if (::syscall(SYS_capset, &header, data) != 0) throw SystemError("set the capabilities", errno);
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (unsigned number = 0; number < 64; ++number) {
        if (!(wanted.ambient & wanted.inheritable & permitted & std::uint64_t{1} << number)) continue;
        if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0) != 0)
            throw SystemError("raise an ambient capability", errno);
    }
}

}  // namespace devc::engine

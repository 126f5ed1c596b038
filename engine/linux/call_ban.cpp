#include "engine/linux/call_ban.h"

#include <cerrno>
#include <memory>
#include <sched.h>
#include <seccomp.h>

#include "engine/error.h"

namespace devc::engine {

namespace {

constexpr unsigned namespaceFlags[] = {CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET};

void check(int result, const char* action) {
    if (result != 0) throw SystemError(action, -result);
}

}  // namespace

void banCalls(std::span<const char* const> names) {
    const std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter(seccomp_init(SCMP_ACT_ALLOW), seccomp_release);
    if (!filter) throw SystemError("make a seccomp filter", ENOMEM);
    constexpr std::uint32_t refused = SCMP_ACT_ERRNO(EPERM);
    for (const char* name : names) {
        const int number = seccomp_syscall_resolve_name(name);
        if (number >= 0) check(seccomp_rule_add(filter.get(), refused, number, 0), "add a seccomp rule");
    }
    for (const unsigned flag : namespaceFlags) {
        const scmp_arg_cmp hasFlag{0, SCMP_CMP_MASKED_EQ, flag, flag};
        check(seccomp_rule_add_array(filter.get(), refused, SCMP_SYS(clone), 1, &hasFlag), "add a seccomp rule");
    }
    check(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0), "add a seccomp rule");
    check(seccomp_load(filter.get()), "load the seccomp filter");
}

}  // namespace devc::engine

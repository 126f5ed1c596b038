#include <cstddef>
#include <filesystem>
#include <fstream>
#include <sys/prctl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "engine/container/seccomp_default.h"
#include "engine/container/seccomp_profile.h"
#include "engine/error.h"
#include "engine/linux/fd.h"
#include "engine/linux/seccomp.h"
#include "tests/unit/container/temporary_host.h"

using namespace devc::engine;

namespace {

/// errno of a system call in a child that has loaded the program; 0: it worked.
int errnoUnder(const std::string& program, long number, long argument) {
    pid_t child = ::fork();
    if (child == 0) {
        sock_fprog filter{static_cast<unsigned short>(program.size() / sizeof(sock_filter)),
                          reinterpret_cast<sock_filter*>(const_cast<char*>(program.data()))};
        ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) ::_exit(255);
        ::_exit(::syscall(number, argument, 0, 0, 0, 0) >= 0 ? 0 : errno);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("docker's profile allows the common, refuses the dangerous and hides clone3") {
    std::string program = compileSeccomp(defaultSeccompProfile, {"CAP_CHOWN"});
    REQUIRE(program.size() % sizeof(sock_filter) == 0);
    CHECK(errnoUnder(program, SYS_getpid, 0) == 0);
    CHECK(errnoUnder(program, SYS_mount, 0) == EPERM);
    CHECK(errnoUnder(program, SYS_unshare, 0) == EPERM);
    CHECK(errnoUnder(program, SYS_clone3, 0) == ENOSYS);
    CHECK(errnoUnder(program, SYS_personality, 0x1234) == EPERM);
}

TEST_CASE("a capability opens the system calls that go with it") {
    std::string program = compileSeccomp(defaultSeccompProfile, {"CAP_SYS_ADMIN"});
    CHECK(errnoUnder(program, SYS_unshare, 0) == 0);
    CHECK(errnoUnder(program, SYS_clone3, 0) != ENOSYS);
}

TEST_CASE("comparisons of one argument are alternatives") {
    std::string profile = R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"name":"personality","action":"SCMP_ACT_ERRNO","errnoRet":7,
        "args":[{"index":0,"value":5,"op":"SCMP_CMP_EQ"},{"index":0,"value":6,"op":"SCMP_CMP_EQ"}]}]})";
    std::string program = compileSeccomp(profile, {});
    CHECK(errnoUnder(program, SYS_personality, 5) == 7);
    CHECK(errnoUnder(program, SYS_personality, 6) == 7);
    CHECK(errnoUnder(program, SYS_personality, 0) == 0);
}

TEST_CASE("nonsense is refused with a reason") {
    for (const char* bad : {"", "{", "[]", "{}", R"({"defaultAction":"NOPE"})", R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"]}]})",
                            R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_ERRNO","args":[{"index":9,"op":"SCMP_CMP_EQ"}]}]})"}) {
        CHECK_THROWS_AS(compileSeccomp(bad, {}), Error);
    }
}

TEST_CASE("a filter is compiled once for the same profile and capabilities") {
    TemporaryHost temporary;
    std::string first = seccompFilter(temporary.host, {}, false, {"CAP_CHOWN"});
    auto written = std::filesystem::last_write_time(first);
    CHECK(seccompFilter(temporary.host, {}, false, {"CAP_CHOWN"}) == first);
    CHECK(std::filesystem::last_write_time(first) == written);
    CHECK(seccompFilter(temporary.host, {}, false, {"CAP_SYS_ADMIN"}) != first);
}

TEST_CASE("security options choose the profile") {
    TemporaryHost temporary;
    CHECK(seccompFilter(temporary.host, {"seccomp=unconfined"}, false, {}).empty());
    CHECK(seccompFilter(temporary.host, {"seccomp:unconfined"}, false, {}).empty());
    CHECK(seccompFilter(temporary.host, {}, true, {}).empty());
    CHECK_FALSE(seccompFilter(temporary.host, {"seccomp=builtin"}, true, {}).empty());
    std::ofstream(temporary.folder / "own.json") << R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[]})";
    CHECK_FALSE(seccompFilter(temporary.host, {"seccomp=" + (temporary.folder / "own.json").string()}, false, {}).empty());
    CHECK_THROWS_AS(seccompFilter(temporary.host, {"seccomp=/nonexistent"}, false, {}), SystemError);
}

#include <doctest/doctest.h>

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <linux/capability.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/linux/caps.h"
#include "engine/linux/fd.h"
#include "engine/linux/landlock.h"
#include "engine/transfer/sandbox.h"
#include "tests/unit/temporary_folder.h"

using namespace devc::engine;
using namespace devc::engine::transfer;
namespace fs = std::filesystem;

namespace {

/// A state folder whose store and database are there.
struct State : TemporaryFolder {
    State() {
        for (const char* folder : {"blobs", "layers", "locks", "tmp", "containers"}) fs::create_directories(path / folder / "x");
        writeFileAtomically((path / "devc.db").string(), "secret");
    }
};

/// What `attempt` returns (errno, 0 if it succeeded) in a process that is confined for `verb`.
int confined(const char* verb, const State& state, const std::function<int()>& attempt) {
    const pid_t child = ::fork();
    if (child == 0) {
        try {
            leaveDevices(termsOf(verb));
            confine(termsOf(verb), {{"state", state.path.string()}, {"folder", (state.path / "containers" / "x").string()}}, {});
        } catch (const std::exception&) {
            ::_exit(200);
        }
        ::_exit(attempt());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 201;
}

int opens(const fs::path& path, int flags) {
    const Fd file(::open(path.c_str(), flags | O_CLOEXEC, 0600));
    return file ? 0 : errno;
}

int outcome(long result) { return result < 0 ? errno : 0; }

}  // namespace

TEST_CASE("a reader of layers reaches the folders of the store and nothing else") {
    if (!Landlock::isKnown()) return;
    const State state;
    for (const char* verb : {"import", "load", "pull"}) {
        CAPTURE(verb);
        CHECK(confined(verb, state, [&] { return opens(state.path / "tmp/new", O_WRONLY | O_CREAT | O_EXCL); }) == 0);
        CHECK(confined(verb, state, [&] { return outcome(::rename((state.path / "tmp/new").c_str(), (state.path / "layers/new").c_str())); }) == 0);
        CHECK(confined(verb, state, [&] { return outcome(::unlink((state.path / "layers/new").c_str())); }) == 0);
        CHECK(confined(verb, state, [&] { return opens(state.path / "devc.db", O_RDONLY); }) == EACCES);
        CHECK(confined(verb, state, [&] { return opens(state.path / "containers/x/f", O_WRONLY | O_CREAT); }) == EACCES);
        CHECK(confined(verb, state, [&] { return opens("/etc/passwd", O_RDONLY); }) == EACCES);
        CHECK(confined(verb, state, [&] { return opens("/tmp", O_WRONLY | O_TMPFILE); }) == EACCES);
        CHECK(confined(verb, state, [&] { return opens("/usr/bin/env", O_RDONLY); }) == 0);
    }
    CHECK(confined("download", state, [&] { return opens(state.path / "tmp/new", O_WRONLY | O_CREAT); }) == EACCES);
}

TEST_CASE("a folder that becomes a layer may leave its place") {
    const State state;
    CHECK(confined("layer", state, [&] { return outcome(::rename((state.path / "containers/x").c_str(), (state.path / "layers/y").c_str())); }) == 0);
}

TEST_CASE("a reader of strangers' data starts no program, watches no process, changes no mount") {
    const State state;
    for (const char* verb : {"import", "extract", "pull", "download"}) {
        CAPTURE(verb);
        CHECK(confined(verb, state, [] { return outcome(::execl("/bin/true", "true", nullptr)); }) == EPERM);
        CHECK(confined(verb, state, [] { return outcome(::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr)); }) == EPERM);
        CHECK(confined(verb, state, [] { return outcome(::mount("none", "/mnt", "tmpfs", 0, nullptr)); }) == EPERM);
        CHECK(confined(verb, state, [] { return outcome(::unshare(CLONE_NEWUSER)); }) == EPERM);
    }
    CHECK(confined("import", state, [] { return outcome(::socket(AF_INET, SOCK_STREAM, 0)); }) == EPERM);
    CHECK(confined("pull", state, [] { return outcome(::socket(AF_INET, SOCK_STREAM, 0)); }) == 0);
}

TEST_CASE("only what unpacks keeps the capabilities for it") {
    const State state;
    const auto has = [](const char* name) { return (currentCapabilities().permitted & capabilityBit(name)) != 0; };
    if (!has("SYS_ADMIN") || !has("MKNOD")) return;
    for (const char* never : {"SYS_PTRACE", "SYS_MODULE", "NET_ADMIN", "NET_RAW", "SYS_RAWIO", "SYS_CHROOT", "SETUID", "KILL"})
        CHECK(confined("pull", state, [&] { return has(never); }) == 0);
    CHECK(confined("pull", state, [&] { return has("SYS_ADMIN") && has("MKNOD"); }) == 1);
    CHECK(confined("extract", state, [&] { return has("MKNOD") && !has("SYS_ADMIN"); }) == 1);
    CHECK(confined("save", state, [&] { return has("MKNOD") || has("SYS_ADMIN") || has("CHOWN"); }) == 0);
}

TEST_CASE("a device of a layer is made, but not opened") {
    const State state;
    if ((currentCapabilities().permitted & capabilityBit("SYS_ADMIN")) == 0) return;
    const fs::path node = state.path / "tmp/null";
    CHECK(confined("import", state, [&] { return outcome(::mknod(node.c_str(), S_IFCHR | 0600, makedev(1, 3))); }) == 0);
    if (opens(node, O_RDONLY) != 0) return;  // a folder where nobody could
    CHECK(confined("import", state, [&] { return opens(node, O_RDONLY); }) == EACCES);
}

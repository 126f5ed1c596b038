#include "engine/monitor/init_process.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/linux/process.h"
#include "engine/monitor/contain.h"
#include "engine/monitor/verbs.h"

namespace devc::engine {

namespace {

/// Signals that say something about process 1 itself are not forwarded.
sigset_t forwarded() {
    sigset_t set;
    sigfillset(&set);
    for (int own : {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGABRT, SIGTRAP, SIGSYS}) sigdelset(&set, own);
    return set;
}

/// Collects every child that has ended; nothing while the program runs.
std::optional<int> reap(pid_t program) {
    std::optional<int> result;
    for (;;) {
        int status = 0;
        pid_t ended = ::waitpid(-1, &status, WNOHANG);
        if (ended <= 0) return result;
        if (ended == program) result = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
}

/// Also in place of the arguments, which would show the host's paths to the container.
void nameProcess(const char* name) {
    ::prctl(PR_SET_NAME, name);
    std::string arguments;
    try {
        arguments = readFile("/proc/self/cmdline");
    } catch (const SystemError&) {
        return;  // without /proc nobody sees them
    }
    size_t length = std::min(std::strlen(name), arguments.size());
    std::memset(program_invocation_name, 0, arguments.size());
    std::memcpy(program_invocation_name, name, length);
}

}  // namespace

void runAsInit(const Program& program, Fd link, bool terminal) {
    sigset_t signals = forwarded();
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    pid_t child = ::fork();
    if (child < 0) throw SystemError("start the program", errno);
    if (child == 0) {
        reportFailure(link, [&] {
            ::setpgid(0, 0);
            if (terminal) {
                // Taking the foreground stops a process that is in the background, unless it ignores that.
                ::signal(SIGTTOU, SIG_IGN);
                ::tcsetpgrp(0, ::getpgrp());
            }
            execute(program);
        });
    }
    nameProcess("devc-init");
    // Neither the engine's descriptors nor the program's stdio may be kept open by process 1.
    link.reset();
    ::syscall(SYS_close_range, 0U, ~0U, 0U);
    for (;;) {
        siginfo_t info{};
        int signal = ::sigwaitinfo(&signals, &info);
        if (signal < 0) continue;
        if (signal != SIGCHLD) {
            ::kill(child, signal);
            continue;
        }
        if (std::optional<int> status = reap(child)) ::_exit(*status);
    }
}

void initVerb(std::vector<std::string> arguments) {
    Program program;
    program.arguments = std::move(arguments);
    for (char** entry = environ; *entry; ++entry) program.environment.emplace_back(*entry);
    reportFailure(Fd(), [&] { runAsInit(program, Fd(), ::isatty(STDIN_FILENO) == 1); });
}

}  // namespace devc::engine

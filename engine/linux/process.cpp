#include "engine/linux/process.h"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/error.h"

// The address sanitizer's vfork keeps the address to which it returns in one place: a second one within it needs another.
#ifdef __has_feature
#if __has_feature(address_sanitizer)
extern "C" pid_t __vfork() noexcept __attribute__((returns_twice));
#define VFORK_AGAIN ::__vfork
#endif
#endif
#ifndef VFORK_AGAIN
#define VFORK_AGAIN ::vfork
#endif

namespace devc::engine {

namespace {

ExitStatus decode(int status) {
    if (WIFSIGNALED(status)) return {0, WTERMSIG(status)};
    return {WEXITSTATUS(status), 0};
}

struct SignalName {
    std::string_view name;
    int number;
};

constexpr SignalName signalNames[] = {
    {"HUP", SIGHUP},   {"INT", SIGINT},     {"QUIT", SIGQUIT},   {"ILL", SIGILL},       {"TRAP", SIGTRAP}, {"ABRT", SIGABRT},
    {"IOT", SIGIOT},   {"BUS", SIGBUS},     {"FPE", SIGFPE},     {"KILL", SIGKILL},     {"USR1", SIGUSR1}, {"SEGV", SIGSEGV},
    {"USR2", SIGUSR2}, {"PIPE", SIGPIPE},   {"ALRM", SIGALRM},   {"TERM", SIGTERM},     {"STKFLT", 16},    {"CHLD", SIGCHLD},
    {"CONT", SIGCONT}, {"STOP", SIGSTOP},   {"TSTP", SIGTSTP},   {"TTIN", SIGTTIN},     {"TTOU", SIGTTOU}, {"URG", SIGURG},
    {"XCPU", SIGXCPU}, {"XFSZ", SIGXFSZ},   {"VTALRM", SIGVTALRM}, {"PROF", SIGPROF},   {"WINCH", SIGWINCH}, {"IO", SIGIO},
    {"POLL", SIGPOLL}, {"PWR", SIGPWR},     {"SYS", SIGSYS},     {"CLD", SIGCHLD},
};

std::optional<int> numberIn(std::string_view text) {
    int value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return {};
    return value;
}

/// In the memory of the caller, between vfork and exec: system calls only, nothing that allocates.
[[noreturn]] void becomeProgram(const SpawnRequest& request, char* const* arguments, const int* sources, int count) {
    if (request.detached || request.ownSession) ::setsid();
    resetSignals();
    for (int target = 0; target < count; ++target) {
        if (::dup3(sources[target], target, 0) < 0) ::_exit(127);
    }
    char* const nothing[] = {nullptr};
    int program = ::fcntl(sources[count], F_DUPFD_CLOEXEC, count);
    ::dup3(program, count, O_CLOEXEC);
    ::syscall(SYS_close_range, static_cast<unsigned>(count + 1), ~0U, 0U);
    if (!request.folder.empty() && ::chdir(request.folder.c_str()) != 0) ::_exit(127);
    ::syscall(SYS_execveat, count, "", arguments, request.bareEnvironment ? nothing : environ, AT_EMPTY_PATH);
    ::_exit(127);
}

}  // namespace

Child cloneProcess(std::uint64_t flags, int cgroup) {
    int pidfd = -1;
    clone_args arguments{};
    arguments.flags = flags | CLONE_PIDFD;
    arguments.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
    arguments.exit_signal = SIGCHLD;
    if (cgroup >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = static_cast<std::uint64_t>(cgroup);
    }
    long pid = ::syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid < 0) throw SystemError("create a process with new namespaces", errno);
    return {static_cast<pid_t>(pid), Fd(pid == 0 ? -1 : pidfd)};
}

ExitStatus waitFor(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, __WALL) < 0) {
        if (errno != EINTR) throw SystemError(fmt::format("wait for process {}", child), errno);
    }
    return decode(status);
}

std::optional<ExitStatus> tryWaitFor(pid_t child) {
    int status = 0;
    pid_t ended = ::waitpid(child, &status, WNOHANG | __WALL);
    if (ended < 0) throw SystemError(fmt::format("wait for process {}", child), errno);
    if (ended == 0) return {};
    return decode(status);
}

Fd openPidfd(pid_t process) {
    Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
    if (!pidfd) throw SystemError(fmt::format("open process {}", process), errno);
    return pidfd;
}

bool signalPidfd(int pidfd, int signal) {
    if (::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0) == 0) return true;
    if (errno == ESRCH) return false;
    throw SystemError(fmt::format("send signal {}", signal), errno);
}

std::uint64_t startTimeOf(pid_t process) {
    int file = ::open(("/proc/" + std::to_string(process) + "/stat").c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    char text[1024];
    const ssize_t got = readSome(file, text, sizeof text);
    ::close(file);
    std::string_view line(text, got > 0 ? static_cast<size_t>(got) : 0);
    size_t name = line.rfind(')');  // the name may hold anything, ')' too
    if (name == std::string_view::npos || name + 2 >= line.size()) return 0;
    line.remove_prefix(name + 2);
    if (line.front() == 'Z' || line.front() == 'X') return 0;
    for (int field = 3; field < 22; ++field) {
        size_t space = line.find(' ');
        if (space == std::string_view::npos) return 0;
        line.remove_prefix(space + 1);
    }
    std::uint64_t value = 0;
    std::from_chars(line.data(), line.data() + line.size(), value);
    return value;
}

bool waitReadable(int descriptor, int milliseconds) {
    pollfd waiting{descriptor, POLLIN, 0};
    for (;;) {
        int ready = ::poll(&waiting, 1, milliseconds);
        if (ready > 0) return true;
        if (ready == 0) return false;
        if (errno != EINTR) throw SystemError("wait for a descriptor", errno);
    }
}

int signalNumber(const std::string& name) {
    std::string text = name;
    for (char& letter : text) letter = letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 32) : letter;
    if (std::optional<int> number = numberIn(text); number && *number > 0 && *number <= SIGRTMAX) return *number;
    if (text.starts_with("SIG")) text.erase(0, 3);
    for (const SignalName& known : signalNames) {
        if (known.name == text) return known.number;
    }
    std::string_view rest = text;
    if (rest == "RTMIN") return SIGRTMIN;
    if (rest == "RTMAX") return SIGRTMAX;
    if (rest.starts_with("RTMIN+")) {
        if (auto offset = numberIn(rest.substr(6)); offset && *offset >= 0 && SIGRTMIN + *offset <= SIGRTMAX) return SIGRTMIN + *offset;
    }
    if (rest.starts_with("RTMAX-")) {
        if (auto offset = numberIn(rest.substr(6)); offset && *offset >= 0 && SIGRTMAX - *offset >= SIGRTMIN) return SIGRTMAX - *offset;
    }
    throw Error::of("invalid signal: {}", name);
}

void resetSignals() {
    struct sigaction standard{};
    standard.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &standard, nullptr);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

pid_t spawn(const SpawnRequest& request) {
    int count = static_cast<int>(request.descriptors.size());
    Fd null = openFile("/dev/null", O_RDWR);
    // All sources above all targets, so that no dup overwrites one that is still needed.
    std::vector<Fd> held;
    std::vector<int> sources;
    for (int source : request.descriptors) {
        held.emplace_back(::fcntl(source < 0 ? null.get() : source, F_DUPFD_CLOEXEC, count + 1));
        if (!held.back()) throw SystemError("pass a descriptor", errno);
        sources.push_back(held.back().get());
    }
    held.emplace_back(::fcntl(request.program, F_DUPFD_CLOEXEC, count + 1));
    sources.push_back(held.back().get());
    std::vector<char*> arguments;
    for (const std::string& argument : request.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);

    volatile pid_t detachedPid = 0;
    pid_t child = ::vfork();
    if (child < 0) throw SystemError("start " + request.arguments.front(), errno);
    if (child == 0) {
        if (!request.detached) becomeProgram(request, arguments.data(), sources.data(), count);
        pid_t grandchild = VFORK_AGAIN();
        if (grandchild == 0) becomeProgram(request, arguments.data(), sources.data(), count);
        detachedPid = grandchild;
        ::_exit(grandchild < 0 ? 1 : 0);
    }
    if (!request.detached) return child;
    waitFor(child);
    if (detachedPid <= 0) throw SystemError("start " + request.arguments.front(), EAGAIN);
    return detachedPid;
}

}  // namespace devc::engine

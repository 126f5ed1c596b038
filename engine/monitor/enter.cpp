#include "engine/monitor/enter.h"

#include <cerrno>
#include <csignal>
#include <filesystem>

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/launch/failure.h"
#include "engine/launch/handles.h"
#include "engine/linux/cgroup.h"
#include "engine/linux/message.h"
#include "engine/linux/mount.h"
#include "engine/linux/terminal.h"
#include "engine/monitor/contain.h"
#include "engine/monitor/program.h"
#include "engine/monitor/runtime_config.h"

namespace devc::engine {

namespace {

constexpr int joined = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP;

/// A later entry of the same name stands instead of an earlier one; a name alone takes the variable away.
void setVariable(std::vector<std::string>& environment, const std::string& entry) {
    size_t equals = entry.find('=');
    if (equals == std::string::npos) {
        std::erase_if(environment, [&](const std::string& existing) { return existing.starts_with(entry + "="); });
        return;
    }
    std::string_view name = std::string_view(entry).substr(0, equals + 1);
    for (std::string& existing : environment) {
        if (existing.starts_with(name)) {
            existing = entry;
            return;
        }
    }
    environment.push_back(entry);
}

std::vector<std::string> environmentOf(const ExecRequest& request, RuntimeProcess& process, const MonitorPlan& plan) {
    std::vector<std::string> environment = std::move(process.environment);
    // The container's own terminal is not this program's.
    if (plan.tty && !request.spec.tty) std::erase(environment, "TERM=xterm");
    if (request.spec.tty) setVariable(environment, "TERM=xterm");
    for (const std::string& entry : request.spec.environment) setVariable(environment, entry);
    return environment;
}

/// The container may have put anything in the place of its terminals' file system.
Fd openTerminal() {
    Fd root = openFile("/", O_PATH | O_DIRECTORY);
    Fd found = openInRoot(root.get(), "/dev/pts/ptmx", O_PATH | O_NOFOLLOW);
    if (!isOnFileSystem(found.get(), DEVPTS_SUPER_MAGIC)) throw Error::of("/dev/pts of the container has no terminals");
    Fd master = openInRoot(root.get(), "/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW);
    if (!isOnFileSystem(master.get(), DEVPTS_SUPER_MAGIC)) throw Error::of("/dev/pts of the container has no terminals");
    int unlock = 0;
    ::ioctl(master.get(), TIOCSPTLCK, &unlock);
    return master;
}

Program programOf(const ExecRequest& request, RuntimeConfig& config, const MonitorPlan& plan, int root, std::string filter) {
    Program program;
    std::string user = request.spec.user.empty() ? plan.user : request.spec.user;
    program.user = findUser(root, user, plan.groupAdd);
    program.arguments = request.spec.command;
    program.environment = environmentOf(request, config.process, plan);
    addHome(program.environment, program.user.home);
    program.workingDir = request.spec.workingDir.empty() ? config.process.workingDir : request.spec.workingDir;
    program.capabilities = config.process.capabilities;
    if (request.spec.privileged) {
        CapabilitySets own = currentCapabilities();
        program.capabilities.bounding = own.bounding;
        program.capabilities.permitted = program.capabilities.effective = own.permitted;
    }
    program.limits = config.process.limits;
    program.seccomp = std::move(filter);
    program.noNewPrivileges = config.process.noNewPrivileges;
    program.umask = config.process.umask.value_or(022);
    return program;
}

Conflict notRunning(const ExecRequest& request) {
    return Conflict("container " + std::filesystem::path(request.folder).filename().string() + " is not running");
}

/// What `step` gives. A container that ends meanwhile is missed by one or another call: whichever it is, that is what is said.
/// An init that exits loses its namespaces a moment before its pidfd says so.
template <typename Step>
auto insideOf(const ExecRequest& request, int init, Step step) {
    try {
        return step();
    } catch (const Error&) {
        constexpr int moment = 200;  // ms
        if (waitReadable(init, moment)) throw notRunning(request);
        throw;
    }
}

}  // namespace

Entered enterContainer(const ExecRequest& request, int init, int in, int out, int err) {
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    RuntimeConfig config = parseRuntimeConfig(readFile(request.folder + "/config.json"));
    MonitorPlan plan = decodeMonitorPlan(readFile(request.folder + "/monitor.json"));
    std::string filter = plan.seccompFilter.empty() ? std::string() : readFile(plan.seccompFilter);
    std::vector<Fd> doors = insideOf(request, init, [&] {
        std::vector<Fd> found;
        withId(init, [&](pid_t process) { found = Cgroup::of(process)->doors(); });
        if (::setns(init, joined) != 0) throw SystemError("join the container", errno);
        return found;
    });

    Entered entered;
    if (request.spec.tty) {
        entered.terminal = openTerminal();
        if (request.rows && request.columns) setTerminalSize(entered.terminal.get(), {request.rows, request.columns});
    }
    auto [own, theirs] = messagePair();
    entered.child = insideOf(request, init, [] { return cloneProcess(0); });
    if (entered.child.pid == 0) {
        own.reset();
        reportFailure(theirs, [&] {
            cgroup::enter(doors);
            Fd root = openFile("/", O_PATH | O_DIRECTORY);
            Program program = programOf(request, config, plan, root.get(), std::move(filter));
            if (request.spec.tty) {
                Fd slave(::ioctl(entered.terminal.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
                if (!slave) throw SystemError("open a terminal", errno);
                takeTerminal(slave.get(), program.user.uid);
            } else {
                ::setsid();
                takeStdio(in, out, err, program.user.uid);
            }
            applyLimits(program.limits);
            enterWorkingDir(program.workingDir);
            become(program);
        });
    }
    theirs.reset();
    doors.clear();
    if (std::optional<Message> failure = receive(own.get())) {
        waitFor(entered.child.pid);
        throw decodeFailure(failure->text);
    }
    return entered;
}

int runProbe(const std::string& folder, int init, std::vector<std::string> command, int in, int out) {
    try {
        ExecRequest request{folder, {}, 0, 0};
        request.spec.command = std::move(command);
        Entered entered = enterContainer(request, init, in, out, out);
        // The monitor ends a probe that takes too long by ending this process.
        return waitFor(entered.child.pid).number();
    } catch (const Error& error) {
        std::string text = error.what();
        (void)!::write(out, text.data(), text.size());
        return error.exitStatus();
    }
}

}  // namespace devc::engine

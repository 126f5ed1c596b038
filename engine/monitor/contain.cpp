#include "engine/monitor/contain.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/launch/failure.h"
#include "engine/linux/message.h"
#include "engine/monitor/hooks.h"
#include "engine/monitor/init_process.h"
#include "engine/monitor/program.h"
#include "engine/monitor/rootfs.h"

namespace devc::engine {

namespace {

void joinNamespaces(const Containment& box) {
    // Opened before the first is entered: a path of one may not be seen from another.
    std::vector<std::pair<Fd, int>> spaces;
    for (const RuntimeNamespace& space : box.config.namespaces) {
        if (space.path.empty() || space.flag == CLONE_NEWPID || space.flag == CLONE_NEWNS) continue;
        spaces.emplace_back(openFile(space.path, O_RDONLY), static_cast<int>(space.flag));
    }
    if (box.networkNamespace >= 0) spaces.emplace_back(Fd(::fcntl(box.networkNamespace, F_DUPFD_CLOEXEC, 0)), CLONE_NEWNET);
    for (const auto& [space, flag] : spaces) {
        if (::setns(space.get(), flag) != 0) throw SystemError("join a namespace", errno);
    }
}

void nameHost(const RuntimeConfig& config) {
    if (!config.hostname.empty() && ::sethostname(config.hostname.data(), config.hostname.size()) != 0)
        throw SystemError("set the host name to " + config.hostname, errno);
    if (!config.domainname.empty() && ::setdomainname(config.domainname.data(), config.domainname.size()) != 0)
        throw SystemError("set the domain name to " + config.domainname, errno);
}

/// Returns the pid that the monitor knows this process by.
pid_t waitForMonitor(int link) {
    std::optional<Message> message = receive(link);
    // Without a monitor there is nobody to say anything to.
    if (!message || !message->text.starts_with("G")) ::_exit(125);
    return std::atoi(message->text.c_str() + 1);
}

void waitAtGate(Containment& box) {
    send(box.link.get(), "X");
    box.link.reset();
    char byte;
    while (::read(box.bundle->gate.get(), &byte, 1) < 0 && errno == EINTR) {}
}

Fd sendTerminal(Rootfs& rootfs, const RuntimeProcess& process, int link) {
    auto [master, slave] = rootfs.openConsole();
    if (process.rows && process.columns) {
        winsize size{static_cast<unsigned short>(process.rows), static_cast<unsigned short>(process.columns), 0, 0};
        ::ioctl(slave.get(), TIOCSWINSZ, &size);
    }
    send(link, "T", {master.get()});
    return std::move(slave);
}

Program programOf(Containment& box, int root) {
    RuntimeProcess& process = box.config.process;
    Program program;
    if (box.bundle) {
        program.user = process.user;
        program.user.home = findUser(root, std::to_string(process.user.uid), {}).home;
    } else {
        program.user = findUser(root, box.plan.user, box.plan.groupAdd);
    }
    program.arguments = std::move(process.arguments);
    program.environment = std::move(process.environment);
    addHome(program.environment, program.user.home);
    program.workingDir = process.workingDir;
    program.capabilities = process.capabilities;
    program.limits = process.limits;
    program.seccomp = std::move(box.seccomp);
    program.noNewPrivileges = process.noNewPrivileges;
    program.dieWithParent = !box.bundle;
    program.umask = process.umask.value_or(022);
    return program;
}

void build(Containment& box) {
    // The monitor's memory must not be readable from inside.
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (!box.bundle) ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    ::umask(022);
    cgroup::enter(box.doors);
    box.doors.clear();
    Rootfs rootfs(box.plan, box.config, box.cgroups);
    rootfs.openSources();
    joinNamespaces(box);
    rootfs.mountRoot(box.bundle ? box.bundle->root : std::string());
    nameHost(box.config);
    rootfs.mountAll();
    rootfs.populateDev();
    bool terminal = box.config.process.terminal;
    Fd slave = terminal ? sendTerminal(rootfs, box.config.process, box.link.get()) : Fd();
    rootfs.applySysctls();
    rootfs.makeWorkingDir();
    rootfs.protect();
    rootfs.sealRoot();

    const std::string folder = box.bundle ? box.bundle->folder : box.plan.stateDir + "/containers/" + box.plan.id;
    const pid_t pid = waitForMonitor(box.link.get());
    const auto state = [&](const char* status) { return hookState(box.plan.id, status, pid, folder, box.config.annotations); };
    runHooks("createContainer", box.config, state("creating"));
    rootfs.enter();
    // Only now: the root of a cgroup namespace is the group in which its maker is.
    if (box.config.makes(CLONE_NEWCGROUP) && ::unshare(CLONE_NEWCGROUP) != 0) throw SystemError("make a cgroup namespace", errno);
    Program program = programOf(box, rootfs.root());
    if (terminal) {
        takeTerminal(slave.get(), program.user.uid);
    } else {
        ::setsid();
        takeStdio(box.in, box.out, box.err, program.user.uid);
    }
    for (const std::string& warning : applyLimits(program.limits)) send(box.link.get(), "W" + warning);
    enterWorkingDir(program.workingDir);
    if (box.bundle) waitAtGate(box);
    runHooks("startContainer", box.config, state("created"));
    if (box.link) send(box.link.get(), "X");
    shedPrivileges(program);
    if (box.plan.init) runAsInit(program, std::move(box.link), terminal);
    execute(program);
}

void tell(const Fd& link, const Error& error) {
    if (!link) {
        // The maker has been told that all is ready: whoever reads the program's output learns it.
        const std::string text = std::string("error: ") + error.what() + "\n";
        (void)!::write(STDERR_FILENO, text.data(), text.size());
        return;
    }
    try {
        send(link.get(), encodeFailure(error));
    } catch (const SystemError&) {
        // Nobody listens any more.
    }
}

}  // namespace

void contain(Containment box) {
    reportFailure(box.link, [&] { build(box); });
}

void reportFailure(const Fd& link, const std::function<void()>& steps) {
    // Nothing may be thrown beyond this: what comes below on the stack is the parent's.
    try {
        steps();
    } catch (const Error& error) {
        tell(link, error);
        ::_exit(error.exitStatus());
    } catch (const std::exception& error) {
        tell(link, Error(error.what(), 125));
        ::_exit(125);
    }
    ::_exit(0);
}

}  // namespace devc::engine

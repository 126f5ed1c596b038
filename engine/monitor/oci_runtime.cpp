#include "engine/monitor/oci_runtime.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/linux/message.h"
#include "engine/linux/mount.h"
#include "engine/linux/netlink.h"
#include "engine/monitor/user.h"

namespace devc::engine {

namespace fs = std::filesystem;

namespace {

constexpr const char* consoleName = "console";

/// Everything of the runtime's lies in the container's run folder.
fs::path bundleOf(const MonitorPlan& plan) { return fs::path(plan.runDir) / "containers" / plan.id / "bundle"; }
std::string logOf(const MonitorPlan& plan) { return (bundleOf(plan) / "runtime.log").string(); }

/// Runs one verb to its end. False if it failed; why is in the log.
bool runVerb(const MonitorPlan& plan, std::vector<std::string> words, const StartStdio& stdio = {}) {
    const fs::path bundle = bundleOf(plan);
    SpawnRequest request;
    Fd program = openFile(plan.runtime, O_PATH);
    request.program = program.get();
    request.arguments = {plan.runtime, "--root", (bundle / "state").string(), "--log", logOf(plan), "--log-format", "json"};
    request.arguments.insert(request.arguments.end(), std::make_move_iterator(words.begin()), std::make_move_iterator(words.end()));
    request.descriptors = {stdio.in.get(), stdio.out.get(), stdio.err.get()};
    request.ownSession = true;
    request.folder = bundle.string();
    return waitFor(spawn(request)).number() == 0;
}

/// What is mounted here for the container is seen by nobody else, and goes with the monitor.
void separateMounts() {
    static bool separated = false;
    if (separated) return;
    if (::unshare(CLONE_NEWNS) != 0) throw SystemError("make a mount namespace", errno);
    if (::mount(nullptr, "/", nullptr, MS_SLAVE | MS_REC, nullptr) != 0) throw SystemError("make mounts private", errno);
    separated = true;
}

Fd mountRoot(const MonitorPlan& plan, const fs::path& target) {
    separateMounts();
    ::umount2(target.c_str(), MNT_DETACH);  // of the last run
    fs::create_directories(target);
    Fd root = mountOverlay({plan.lowers, plan.upper, plan.work});
    attachMount(root.get(), openFile(target.string(), O_PATH | O_DIRECTORY).get());
    return root;
}

/// Where the runtime sends the master of the container's terminal.
Fd listenForConsole(const fs::path& folder) {
    Fd parent = openFile(folder.string(), O_PATH | O_DIRECTORY);
    ::unlinkat(parent.get(), consoleName, 0);
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    fmt::format_to_n(address.sun_path, sizeof address.sun_path - 1, "/proc/self/fd/{}/{}", parent.get(), consoleName);
    Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket || ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(socket.get(), 1) != 0)
        throw SystemError("listen for the terminal of the runtime", errno);
    return socket;
}

Fd takeConsole(const Fd& listener) {
    if (!waitReadable(listener.get(), 0)) throw Error("the runtime sent no terminal", 125);
    Fd connection(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    std::optional<Message> message = connection ? receive(connection.get()) : std::nullopt;
    if (!message || message->descriptors.empty()) throw Error("the runtime sent no terminal", 125);
    return std::move(message->descriptors.front());
}

BundleChanges changesFor(const MonitorPlan& plan, const std::string& cgroup, int root, const StartStdio& stdio, const Holdings& holdings) {
    BundleChanges changes;
    changes.root = (bundleOf(plan) / "rootfs").string();
    changes.user = findUser(root, plan.user, plan.groupAdd);
    if (holdings.networkNamespace) changes.networkNamespace = fmt::format("/proc/{}/fd/{}", ::getpid(), holdings.networkNamespace.get());
    changes.cgroup = cgroup::normalize(cgroup);
    if (plan.init) changes.initProgram = (fs::path(plan.reaper).parent_path() / "devc-monitor").string();
    changes.rows = stdio.size.rows;
    changes.columns = stdio.size.columns;
    return changes;
}

}  // namespace

Started startByRuntime(const MonitorPlan& plan, const RuntimeConfig& config, const std::string& text, StartStdio stdio, Holdings& holdings) {
    const fs::path bundle = bundleOf(plan);
    fs::create_directories(bundle);
    ::chmod(bundle.c_str(), 0700);
    Fd root = mountRoot(plan, bundle / "rootfs");
    const BundleChanges changes = changesFor(plan, config.cgroupsPath.empty() ? plan.id : config.cgroupsPath, root.get(), stdio, holdings);
    writeFileAtomically((bundle / "config.json").string(), bundleConfig(text, changes));
    ::unlink(logOf(plan).c_str());
    Fd listener;
    std::vector<std::string> words = {"create", "--bundle", bundle.string(), "--pid-file", (bundle / "pid").string()};
    if (plan.tty) {
        listener = listenForConsole(bundle);
        words.insert(words.end(), {"--console-socket", consoleName});
    }
    words.push_back(plan.id);
    // The first process becomes the monitor's child when the runtime has made it and ends.
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    if (!runVerb(plan, std::move(words), stdio)) throw runtimeFailure(plan.runtime, readFile(logOf(plan)));
    Started started;
    started.init.pid = std::atoi(readFile((bundle / "pid").string()).c_str());
    started.init.pidfd = openPidfd(started.init.pid);
    try {
        if (listener) started.terminal = takeConsole(listener);
        if (!runVerb(plan, {"start", plan.id})) throw runtimeFailure(plan.runtime, readFile(logOf(plan)));
    } catch (...) {
        ::kill(started.init.pid, SIGKILL);
        waitFor(started.init.pid);
        throw;
    }
    return started;
}

bool signalByRuntime(const MonitorPlan& plan, int signal) {
    try {
        return runVerb(plan, {"kill", plan.id, std::to_string(signal)});
    } catch (const Error&) {
        return false;  // its program is gone
    }
}

void deleteFromRuntime(const MonitorPlan& plan) {
    if (::access((bundleOf(plan) / "state").c_str(), F_OK) != 0) return;
    try {
        runVerb(plan, {"delete", "--force", plan.id});
    } catch (const Error&) {
        // Its processes have ended, and its files go with the run folder.
    }
}

}  // namespace devc::engine

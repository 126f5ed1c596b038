#include "engine/monitor/start.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/host.h"
#include "engine/launch/failure.h"
#include "engine/launch/handles.h"
#include "engine/linux/message.h"
#include "engine/linux/netlink.h"
#include "engine/linux/seccomp.h"
#include "engine/monitor/contain.h"
#include "engine/monitor/hooks.h"
#include "engine/monitor/oci_runtime.h"
#include "engine/monitor/privileges.h"
#include "engine/network/veth.h"

namespace devc::engine {

namespace {

constexpr std::uint64_t clonedKinds[] = {CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWPID, CLONE_NEWNET};

/// A pid namespace is entered by children only: the monitor lends itself to it for one clone.
class PidNamespaceGuard {
public:
    explicit PidNamespaceGuard(const RuntimeNamespace* space) {
        if (!space || space->path.empty()) return;
        own_ = openFile("/proc/self/ns/pid", O_RDONLY);
        if (::setns(openFile(space->path, O_RDONLY).get(), CLONE_NEWPID) != 0) throw SystemError("join a pid namespace", errno);
    }
    ~PidNamespaceGuard() {
        if (own_ && ::setns(own_.get(), CLONE_NEWPID) != 0) ::_exit(125);  // children would land in the wrong place
    }
    PidNamespaceGuard(const PidNamespaceGuard&) = delete;
    PidNamespaceGuard& operator=(const PidNamespaceGuard&) = delete;

private:
    Fd own_;
};

std::uint64_t newNamespaces(const RuntimeConfig& config, bool hasNetwork) {
    std::uint64_t flags = 0;
    for (std::uint64_t kind : clonedKinds) {
        if (config.makes(kind)) flags |= kind;
    }
    if (hasNetwork) flags &= ~std::uint64_t{CLONE_NEWNET};
    return flags | CLONE_NEWNS;
}

void buildNetwork(const MonitorPlan& plan, int space) {
    std::vector<VethSpec> interfaces;
    for (const EndpointPlan& endpoint : plan.endpoints) interfaces.push_back(vethOf(endpoint));
    try {
        buildInterfaces(space, interfaces);
    } catch (const SystemError& error) {
        if (error.code() != EEXIST) throw;
        // The kernel takes a namespace down after its last process has gone: an interface of the last run may still be there.
        Netlink host;
        for (const VethSpec& interface : interfaces) host.removeLink(interface.hostName);
        buildInterfaces(space, interfaces);
    }
}

std::string readFilter(const std::string& path) { return path.empty() ? std::string() : readFile(path); }

void setOomScore(pid_t process, int score, std::vector<std::string>& warnings) {
    Fd file = openFile("/proc/" + std::to_string(process) + "/oom_score_adj", O_WRONLY);
    std::string text = std::to_string(score);
    if (::write(file.get(), text.data(), text.size()) < 0) warnings.push_back(fmt::format("oom_score_adj {} cannot be set: not permitted", score));
}

/// The first process was killed while it made the container.
Error killedTooEarly(bool outOfMemory) {
    if (outOfMemory)
        return Error("the container's memory limit is too small to start it: its first process was killed; give it a few MiB more", 125);
    return Error("the container's first process was killed before its program started", 125);
}

/// Until the program runs (the link closes after "X") or says why not.
Fd waitForProgram(int link, const Cgroup& group, std::vector<std::string>& warnings) {
    const std::uint64_t killsBefore = group.oomKills();
    Fd terminal;
    bool ready = false;
    while (std::optional<Message> message = receive(link)) {
        if (message->text == "X") ready = true;
        if (message->text == "T" && !message->descriptors.empty()) terminal = std::move(message->descriptors.front());
        if (message->text.starts_with("W")) warnings.push_back(message->text.substr(1));
        if (message->text.starts_with("F")) throw decodeFailure(message->text);
    }
    if (!ready) throw killedTooEarly(group.oomKills() > killsBefore);
    return terminal;
}

void makeNetwork(const MonitorPlan& plan, pid_t process, Holdings& holdings) {
    holdings.networkNamespace = networkNamespaceOf(process);
    buildNetwork(plan, holdings.networkNamespace.get());
    if (plan.resolver) holdings.resolver = ResolverSockets::open(holdings.networkNamespace.get());
}

/// From the control groups to the program that runs, or is ready to.
Started begin(const MonitorPlan& plan, const std::string& folder, RuntimeConfig& config, std::string filter, const BundleTerms* bundle,
              StartStdio stdio, Holdings& holdings) {
    auto [own, theirs] = messagePair();
    bool hasNetwork = static_cast<bool>(holdings.networkNamespace);
    std::vector<Fd> doors = holdings.cgroup->folder() < 0 ? holdings.cgroup->doors() : std::vector<Fd>();
    Started started;
    {
        PidNamespaceGuard guard(config.find(CLONE_NEWPID));
        started.init = cloneProcess(newNamespaces(config, hasNetwork), holdings.cgroup->folder());
        if (started.init.pid == 0) {
            own.reset();
            contain({plan, config, holdings.cgroup->views(config.makes(CLONE_NEWCGROUP)), std::move(filter), std::move(theirs), stdio.in.get(), stdio.out.get(),
                     stdio.err.get(), holdings.networkNamespace.get(), std::move(doors), bundle});
        }
    }
    theirs.reset();
    stdio = {};
    doors.clear();
    try {
        const pid_t pid = started.init.pid;
        if (config.process.oomScoreAdj) setOomScore(pid, *config.process.oomScoreAdj, holdings.warnings);
        if (config.makes(CLONE_NEWNET) && !hasNetwork) makeNetwork(plan, pid, holdings);
        if (!config.hooks.empty()) {
            const std::string state = hookState(plan.id, "creating", pid, folder, config.annotations);
            for (const char* kind : {"prestart", "createRuntime"}) runHooks(kind, config, state);
        }
        send(own.get(), fmt::format("G{}", pid));
        started.terminal = waitForProgram(own.get(), *holdings.cgroup, holdings.warnings);
        if (!bundle && !config.hooks.empty()) runHooks("poststart", config, hookState(plan.id, "running", pid, folder, config.annotations));
    } catch (...) {
        ::kill(started.init.pid, SIGKILL);
        waitFor(started.init.pid);
        // What the first process has said of its end explains more than that it was not found.
        while (std::optional<Message> message = receive(own.get()))
            if (message->text.starts_with("F")) throw decodeFailure(message->text);
        throw;
    }
    return started;
}

/// A network namespace outlives the process that it came with as long as somebody holds it.
void makeNetworkAlone(const MonitorPlan& plan, Holdings& holdings) {
    Child holder = cloneProcess(CLONE_NEWNET);
    if (holder.pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        for (;;) ::pause();
    }
    const auto end = [&] {
        ::kill(holder.pid, SIGKILL);
        waitFor(holder.pid);
    };
    try {
        makeNetwork(plan, holder.pid, holdings);
    } catch (...) {
        end();
        throw;
    }
    end();
}

void makeCgroup(const MonitorPlan& plan, const RuntimeConfig& config, Holdings& holdings) {
    holdings.cgroup = Cgroup::create(config.cgroupsPath.empty() ? plan.id : config.cgroupsPath, config.limits, holdings.warnings);
    holdings.cgroup->mark(Host{plan.stateDir, plan.runDir, {}}.tag());
}

/// As begin(), with another runtime.
Started beginByRuntime(const MonitorPlan& plan, const RuntimeConfig& config, const std::string& text, StartStdio stdio, Holdings& holdings) {
    deleteFromRuntime(plan);  // of the last run: it takes the control groups too
    makeCgroup(plan, config, holdings);
    if (config.makes(CLONE_NEWNET) && !holdings.networkNamespace) makeNetworkAlone(plan, holdings);
    return startByRuntime(plan, config, text, std::move(stdio), holdings);
}

/// What every runtime adds to a bundle's rules for devices: those that every container has.
void allowUsualDevices(std::vector<DeviceRule>& rules) {
    if (rules.empty()) rules.push_back({false, 'a', -1, -1, "rwm"});
    for (char type : {'c', 'b'}) rules.push_back({true, type, -1, -1, "m"});
    for (auto [major, minor] : {std::pair{1, 3}, {1, 5}, {1, 7}, {1, 8}, {1, 9}, {5, 0}, {5, 1}, {5, 2}, {136, -1}}) rules.push_back({true, 'c', major, minor, "rwm"});
}

/// The other container may have been started again since this one was prepared: its processes have other ids.
std::vector<Fd> findJoined(const MonitorPlan& plan, RuntimeConfig& config) {
    std::vector<Fd> found;
    for (RuntimeNamespace& space : config.namespaces) {
        const auto join = plan.joins.find(space.flag == CLONE_NEWNET ? "network" : space.flag == CLONE_NEWPID ? "pid" : "");
        if (join == plan.joins.end()) continue;
        found.push_back(joinedNamespace({plan.stateDir, plan.runDir, {}}, join->second, join->first));
        space.path = fmt::format("/proc/self/fd/{}", found.back().get());
    }
    return found;
}

}  // namespace

Started startContainer(const MonitorPlan& plan, const std::string& folder, StartStdio stdio, Holdings& holdings) {
    const std::string text = readFile(folder + "/config.json");
    RuntimeConfig config = parseRuntimeConfig(text);
    if (!plan.runtime.empty()) return beginByRuntime(plan, config, text, std::move(stdio), holdings);
    giveUpMachine(config);
    const std::vector<Fd> joined = findJoined(plan, config);
    config.process.terminal = plan.tty;
    if (stdio.size.rows) {
        config.process.rows = stdio.size.rows;
        config.process.columns = stdio.size.columns;
    }
    if (!holdings.cgroup) makeCgroup(plan, config, holdings);
    Started started = begin(plan, folder, config, readFilter(plan.seccompFilter), nullptr, std::move(stdio), holdings);
    if (config.hooks.contains("poststop")) started.afterEnd = std::make_unique<RuntimeConfig>(std::move(config));
    return started;
}

Started createFromBundle(const std::string& id, RuntimeConfig& config, const BundleTerms& terms, StartStdio stdio, Holdings& holdings) {
    MonitorPlan plan;
    plan.id = id;
    plan.tty = config.process.terminal;
    allowUsualDevices(config.limits.devices);
    holdings.cgroup = Cgroup::create(config.cgroupsPath, config.limits, holdings.warnings);
    std::string filter = config.seccomp.empty() ? std::string() : compileSeccomp(config.seccomp, {});
    return begin(plan, terms.folder, config, std::move(filter), &terms, std::move(stdio), holdings);
}

void runAfterEnd(const MonitorPlan& plan, const std::string& folder, const Started& started, Holdings& holdings) {
    if (!started.afterEnd) return;
    for (std::string& failure : runLastHooks(*started.afterEnd, hookState(plan.id, "stopped", 0, folder, started.afterEnd->annotations)))
        holdings.warnings.push_back(std::move(failure));
}

void signalFirst(const MonitorPlan& plan, const Child& init, int signal) {
    if (plan.runtime.empty() || !signalByRuntime(plan, signal)) signalPidfd(init.pidfd.get(), signal);
}

void releaseHoldings(const MonitorPlan& plan, Holdings& holdings) {
    if (!plan.runtime.empty()) deleteFromRuntime(plan);
    if (holdings.cgroup) {
        holdings.cgroup->killAll();
        holdings.cgroup->remove();
        holdings.cgroup.reset();
    }
    holdings.resolver = {};
    holdings.networkNamespace.reset();
}

}  // namespace devc::engine

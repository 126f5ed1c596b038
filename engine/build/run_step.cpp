#include "engine/build/run_step.h"

#include <csignal>
#include <deque>
#include <exception>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "engine/build/selection.h"
#include "engine/build/step_folder.h"
#include "engine/build/step_mounts.h"
#include "engine/build/step_network.h"
#include "engine/build/stubs.h"
#include "engine/container/box.h"
#include "engine/container/containers.h"
#include "engine/container/etc_files.h"
#include "engine/container/oci_config.h"
#include "engine/container/seccomp_profile.h"
#include "engine/digest.h"
#include "engine/error.h"
#include "engine/launch/launch.h"
#include "engine/linux/cgroup.h"
#include "engine/linux/message.h"
#include "engine/network/networks.h"

namespace devc::engine::build {

namespace fs = std::filesystem;

namespace {

constexpr const char* hostname = "buildkitsandbox";
constexpr std::size_t linesKept = 20;
constexpr std::size_t longestLine = 64 << 10;  ///< bytes: what has no line ends must not fill the memory

/// One program in a container. Without a terminal it is watched; with one it has the caller's.
class Program {
public:
    Program(Workshop& shop, std::string title, RunStep step, const Snapshot& below, const std::map<const Operation*, Snapshot>& inputs, const StepFolder& folder,
            bool terminal = false)
        : shop_(shop), title_(std::move(title)), step_(std::move(step)), below_(below), folder_(folder), root_(shop.files(below)),
          mounts_(shop, step_, inputs, folder), terminal_(terminal) {}

    int run() {
        fs::create_directories(files());
        specify();
        std::unique_ptr<StepNetwork> network;
        if (spec_.networkMode.empty()) {
            shop_.holdNetwork();
            network = std::make_unique<StepNetwork>(shop_.networks(), spec_, folder_.id());
        }
        writeEtc();
        const nlohmann::json config = configuration();
        const MountStubs stubs(root_, targetsOf(config));
        writeFileAtomically((files() / "config.json").string(), config.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
        writeFileAtomically((files() / "monitor.json").string(), encode(monitorPlan()));
        const int code = terminal_ ? launchAndAttach() : launchAndWatch();
        stubs.clean(folder_.upper(), root_);
        return code;
    }

    const std::deque<std::string>& lastLines() const { return last_; }

private:
    fs::path files() const { return folder_.host().containerDir(folder_.id()); }

    void specify() {
        spec_.name = "build-" + folder_.id().substr(0, 12);
        spec_.command = step_.arguments;
        for (const auto& [name, value] : step_.environment) spec_.environment.push_back(name + "=" + value);
        for (const auto& [name, value] : step_.proxies) spec_.environment.push_back(name + "=" + value);
        for (const std::string& secret : mounts_.environment()) spec_.environment.push_back(secret);
        spec_.workingDir = step_.workingDir;
        spec_.user = step_.user;
        spec_.hostname = hostname;
        spec_.networkMode = step_.network;
        spec_.shmSize = shop_.request().shmSize;
        spec_.ulimits = shop_.request().ulimits;
        spec_.extraHosts = shop_.request().extraHosts;
        spec_.logDriver = "none";
        spec_.privileged = step_.insecure;
        spec_.tty = spec_.openStdin = terminal_;
        if (terminal_) spec_.environment.emplace_back("TERM=xterm");
    }

    /// The hosts file of a step is the same wherever and whenever it runs.
    std::string hosts() const {
        std::string gateway = "127.0.0.1";
        if (spec_.networkMode.empty() && !spec_.extraHosts.empty())
            for (const EndpointInfo& endpoint : shop_.networks().endpoints(folder_.id())) gateway = endpoint.gateway4;
        std::string text = fmt::format("127.0.0.1\tlocalhost {}\n::1\tlocalhost ip6-localhost ip6-loopback\n", hostname);
        for (const std::string& extra : spec_.extraHosts) {
            const auto [address, name] = parseExtraHost(extra, gateway);
            text += fmt::format("{}\t{}\n", address, name);
        }
        return text;
    }

    void writeEtc() const {
        writeFileAtomically((files() / "hosts").string(), hosts(), 0644);
        writeFileAtomically((files() / "resolv.conf").string(),
                            spec_.networkMode == "host" && access("/etc/resolv.conf", R_OK) == 0 ? readFile("/etc/resolv.conf")
                                                                                                 : renderResolvConf({}, hostResolvers()), 0644);
    }

    nlohmann::json configuration() const {
        OciInput input;
        input.id = folder_.id();
        input.arguments = step_.arguments;
        input.hostname = hostname;
        input.rootPath = (files() / "merged").string();
        for (const char* name : {"hosts", "resolv.conf"})
            input.mounts.push_back({"bind", (files() / name).string(), std::string("/etc/") + name, {"rbind", "rprivate", "rw"}});
        input.mounts.insert(input.mounts.end(), mounts_.mounts().begin(), mounts_.mounts().end());
        input.availableCapabilities = ownCapabilities();
        input.limitsProcesses = cgroup::hasController("pids");
        nlohmann::json config = ociConfig(spec_, input);
        config["process"]["env"] = spec_.environment;  // nothing that is not said: no HOSTNAME
        return config;
    }

    static std::vector<std::string> targetsOf(const nlohmann::json& config) {
        std::vector<std::string> targets;
        for (const nlohmann::json& mount : config["mounts"]) targets.push_back(mount["destination"].get<std::string>());
        return targets;
    }

    MonitorPlan monitorPlan() const {
        MonitorPlan plan;
        plan.id = folder_.id();
        plan.name = spec_.name;
        plan.stateDir = folder_.host().stateDir.string();
        plan.runDir = folder_.host().runDir.string();
        plan.lowers = below_.lowers(shop_.host());
        if (plan.lowers.empty()) {
            const fs::path empty = folder_.folder() / "lower";
            fs::create_directories(empty);
            plan.lowers.push_back(empty.string());
        }
        plan.upper = folder_.upper().string();
        plan.work = folder_.work().string();
        plan.user = step_.user;
        plan.endsWithCaller = true;
        plan.tty = plan.openStdin = terminal_;
        if (spec_.networkMode.empty()) plan.endpoints = shop_.networks().plan(folder_.id());
        plan.logDriver = "none";
        plan.seccompFilter = seccompFilter(shop_.host(), {}, spec_.privileged, capabilitiesOf(spec_, ownCapabilities()));
        plan.eventAttributes["name"] = spec_.name;
        return plan;
    }

    /// In a thread of its own, which may have mounts of its own.
    void start(LaunchFiles files) {
        std::exception_ptr failure;
        std::thread starter([&] {
            try {
                mounts_.attach();
                launch(folder_.host(), folder_.id(), std::move(files));
            } catch (...) {
                failure = std::current_exception();
            }
        });
        starter.join();
        if (failure) std::rethrow_exception(failure);
    }

    int launchAndAttach() {
        Attachment attachment = Attachment::beforeStart(true, true);
        start(attachment.files());
        return attachment.run(folder_.host(), folder_.id(), false, {}).value_or(0);
    }

    int launchAndWatch() {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) throw SystemError("make a pipe", errno);
        const Fd output(ends[0]);
        Fd input(ends[1]);
        auto [control, monitorsControl] = messagePair();
        LaunchFiles files;
        files.attachStdout = files.attachStderr = input.get();
        files.control = monitorsControl.get();
        start(std::move(files));
        input.reset();
        monitorsControl.reset();
        const Workshop::Running running(shop_, [socket = control.get()] { send(socket, fmt::format("signal {}", SIGKILL)); });
        readOutput(output.get());
        return exitCode(control.get());
    }

    /// Waits for the monitor's end: when it is gone, nothing of the step is left.
    int exitCode(int control) const {
        std::optional<ContainerState> last;
        while (const std::optional<Message> message = receive(control))
            if (message->text.starts_with('S')) last = decodeState(std::string_view(message->text).substr(1));
        return (last ? *last : readState(folder_.host(), folder_.id())).exitCode;
    }

    void readOutput(int output) {
        std::string pending;
        char buffer[16384];
        while (true) {
            const ssize_t count = readSome(output, buffer, sizeof buffer);
            if (count <= 0) break;
            pending.append(buffer, static_cast<std::size_t>(count));
            std::size_t start = 0;
            for (std::size_t end; (end = pending.find('\n', start)) != std::string::npos; start = end + 1) line(pending.substr(start, end - start));
            pending.erase(0, start);
            if (pending.size() > longestLine) line(std::exchange(pending, {}));
        }
        if (!pending.empty()) line(pending);
    }

    void line(std::string text) {
        if (!text.empty() && text.back() == '\r') text.pop_back();
        text.erase(0, text.rfind('\r') + 1);  // what a terminal would show in the end
        shop_.report(BuildProgress::Output, title_, text);
        last_.push_back(std::move(text));
        if (last_.size() > linesKept) last_.pop_front();
    }

    Workshop& shop_;
    const std::string title_;
    const RunStep step_;
    const Snapshot& below_;
    const StepFolder& folder_;
    const FileTree& root_;
    StepMounts mounts_;
    const bool terminal_;
    ContainerSpec spec_;
    std::deque<std::string> last_;
};

/// The command on one line, quoted: a script has its line ends as \n.
std::string shown(const std::vector<std::string>& arguments) {
    std::string text;
    for (const std::string& argument : arguments) text += (text.empty() ? "" : " ") + argument;
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string mountedContent(Workshop& shop, const RunMount& mount, const Snapshot* from) {
    const std::string source = mount.source.empty() ? "." : mount.source;
    // A whole stage is told by its chain: nothing needs to be read.
    if (from != nullptr) return "stage " + from->chain() + " " + source;
    const FileTree& tree = shop.context(mount.from->context);
    return contentDigest(tree, select(tree, source, {false, {}, false}, mount.from->label()));
}

void runProgram(Workshop& shop, const Operation& operation, const Snapshot& below, const std::map<const Operation*, Snapshot>& inputs,
                const StepFolder& folder) {
    Program program(shop, operation.title, operation.run, below, inputs, folder);
    const std::string command = shown(operation.run.arguments);
    int code = 0;
    try {
        code = program.run();
    } catch (Error& error) {
        throw error.during("process {} could not be run", command);
    }
    if (code == 0) return;
    Error error = Error::of("process {} did not complete successfully: exit code: {}", command, code);
    for (const std::string& line : program.lastLines()) error.detail(line);
    throw error;
}

int runShell(Workshop& shop, const Operation& operation, const Snapshot& below, const std::map<const Operation*, Snapshot>& inputs,
             const StepFolder& folder) {
    RunStep step = operation.run;
    // The shell of the step itself, where it has one: it is there and reads such commands.
    const bool hasShell = step.arguments.size() > 1 && step.arguments[1] == "-c";
    step.arguments = {hasShell ? step.arguments.front() : "/bin/sh"};
    return Program(shop, operation.title, std::move(step), below, inputs, folder, true).run();
}

}  // namespace devc::engine::build

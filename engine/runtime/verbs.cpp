#include "engine/runtime/verbs.h"

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/linux/process.h"
#include "engine/monitor/hooks.h"
#include "engine/monitor/start.h"
#include "engine/timestamp.h"

namespace devc::engine::runtime {

namespace fs = std::filesystem;

namespace {

RuntimeConfig configOf(const std::string& bundle) {
    const std::string file = bundle + "/config.json";
    if (::access(file.c_str(), R_OK) != 0) throw Error::of("{} is no bundle: it has no config.json", bundle);
    return parseRuntimeConfig(readFile(file));
}

/// What this launcher would have to leave out is refused.
void checkSupported(const RuntimeConfig& config, const CreateRequest& request) {
    if (config.find(CLONE_NEWUSER)) throw Error::of("user namespaces are not supported");
    if (!config.find(CLONE_NEWNS)) throw Error::of("a container without a mount namespace of its own is not supported");
    if (config.cgroupsPath.find(':') != std::string::npos) throw Error::of("cgroupsPath \"{}\" is systemd's form, which is not supported", config.cgroupsPath);
    if (config.rootPath.empty()) throw Error::of("the bundle's config.json names no root");
    if (config.process.terminal && request.consoleSocket.empty()) throw Error::of("the program wants a terminal: --console-socket says where it goes");
}

/// The master of a terminal over a stream socket, as runc does.
void sendTerminal(const std::string& path, int terminal) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    if (path.size() >= sizeof address.sun_path) throw Error::of("the path of the console socket is too long: {}", path);
    path.copy(address.sun_path, path.size());
    const Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) throw SystemError("connect to the console socket " + path, errno);
    std::string name = "/dev/ptmx";
    iovec text{name.data(), name.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &text;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    *reinterpret_cast<int*>(CMSG_DATA(header)) = terminal;
    if (::sendmsg(socket.get(), &message, MSG_NOSIGNAL) < 0) throw SystemError("send the terminal", errno);
}

Fd copyOf(int descriptor) { return Fd(::fcntl(descriptor, F_DUPFD_CLOEXEC, 3)); }

StartStdio ownStdio() {
    StartStdio stdio;
    stdio.in = copyOf(STDIN_FILENO);
    stdio.out = copyOf(STDOUT_FILENO);
    stdio.err = copyOf(STDERR_FILENO);
    return stdio;
}

void endAll(const std::string& cgroup) {
    std::vector<std::string> warnings;
    const std::unique_ptr<Cgroup> group = Cgroup::create(cgroup, {}, warnings);
    group->killAll();
    group->remove();
}

void build(const Records& records, const CreateRequest& request) {
    Record record;
    record.id = request.id;
    record.bundle = fs::absolute(request.bundle.empty() ? "." : request.bundle).lexically_normal().string();
    while (record.bundle.size() > 1 && record.bundle.ends_with('/')) record.bundle.pop_back();
    RuntimeConfig config = configOf(record.bundle);
    checkSupported(config, request);
    if (config.cgroupsPath.empty()) config.cgroupsPath = record.id;
    record.rootfs = (fs::path(record.bundle) / config.rootPath).lexically_normal().string();
    record.cgroup = config.cgroupsPath;
    record.created = timestampNow();
    record.annotations = config.annotations;
    const BundleTerms terms{record.bundle, record.rootfs, openFile(records.gateOf(record.id), O_RDWR)};
    Holdings holdings;
    try {
        Started started = createFromBundle(record.id, config, terms, ownStdio(), holdings);
        for (const std::string& warning : holdings.warnings) fmt::print(stderr, "warning: {}\n", warning);
        record.pid = started.init.pid;
        record.startTime = startTimeOf(record.pid);
        if (started.terminal) sendTerminal(request.consoleSocket, started.terminal.get());
        records.save(record);
        if (!request.pidFile.empty()) writeFileAtomically(request.pidFile, std::to_string(record.pid), 0644);
    } catch (...) {
        if (holdings.cgroup) endAll(record.cgroup);
        throw;
    }
}

}  // namespace

void create(const Records& records, const CreateRequest& request) {
    records.reserve(request.id);
    try {
        build(records, request);
    } catch (...) {
        records.erase(request.id);
        throw;
    }
}

void start(const Records& records, const std::string& id) {
    const Record record = records.load(id);
    if (const Life life = records.lifeOf(record); life != Life::Created) throw Error::of("cannot start a container in the state {}", nameOf(life));
    const Fd gate = openFile(records.gateOf(id), O_WRONLY | O_NONBLOCK);
    writeAll(gate.get(), "1");
    ::unlink(records.gateOf(id).c_str());
    const RuntimeConfig config = configOf(record.bundle);
    runHooks("poststart", config, hookState(id, "running", record.pid, record.bundle, record.annotations));
}

std::string state(const Records& records, const std::string& id) {
    const Record record = records.load(id);
    const Life life = records.lifeOf(record);
    const nlohmann::json json = {{"ociVersion", "1.1.0"}, {"id", id}, {"pid", life == Life::Stopped ? 0 : record.pid}, {"status", nameOf(life)}, {"bundle", record.bundle},
                                 {"rootfs", record.rootfs}, {"created", record.created}, {"annotations", record.annotations}};
    return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

void kill(const Records& records, const std::string& id, int signal, bool all) {
    const Record record = records.load(id);
    if (records.lifeOf(record) == Life::Stopped) {
        if (all) return;
        throw Error::of("container not running");
    }
    if (!all) {
        const Fd process = openPidfd(record.pid);
        if (!signalPidfd(process.get(), signal)) throw Error::of("container not running");
        return;
    }
    for (const pid_t process : record.groups()->processes()) ::kill(process, signal);
}

void remove(const Records& records, const std::string& id, bool force) {
    Record record;
    try {
        record = records.load(id);
    } catch (const Error&) {
        if (!force) throw;
        return;  // as runc: what is not there is removed
    }
    const Life life = records.lifeOf(record);
    if (life != Life::Stopped && life != Life::Created && !force) throw Error::of("cannot delete container {} that is not stopped: {}", id, nameOf(life));
    endAll(record.cgroup);
    RuntimeConfig config;
    try {
        config = configOf(record.bundle);
    } catch (const Error&) {
        // The bundle may have been taken away before.
    }
    records.erase(id);
    for (const std::string& failure : runLastHooks(config, hookState(id, "stopped", 0, record.bundle, record.annotations)))
        fmt::print(stderr, "warning: {}\n", failure);
}

void freeze(const Records& records, const std::string& id, bool frozen) {
    const Record record = records.load(id);
    const Life life = records.lifeOf(record);
    if (life != (frozen ? Life::Running : Life::Paused)) throw Error::of("cannot {} a container in the state {}", frozen ? "pause" : "resume", nameOf(life));
    record.groups()->freeze(frozen);
}

std::string list(const Records& records, bool quiet) {
    std::string text;
    if (!quiet) text = fmt::format("{:<24} {:<10} {:<10} {:<40} {}\n", "ID", "PID", "STATUS", "BUNDLE", "CREATED");
    for (const Record& record : records.all()) {
        if (quiet) text += record.id + "\n";
        else text += fmt::format("{:<24} {:<10} {:<10} {:<40} {}\n", record.id, record.pid, nameOf(records.lifeOf(record)), record.bundle, record.created);
    }
    return text;
}

int run(const Records& records, const CreateRequest& request) {
    create(records, request);
    const pid_t pid = records.load(request.id).pid;
    int status = 0;
    try {
        start(records, request.id);
        status = waitFor(pid).number();
    } catch (...) {
        remove(records, request.id, true);
        throw;
    }
    remove(records, request.id, true);
    return status;
}

}  // namespace devc::engine::runtime

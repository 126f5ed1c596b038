#include "engine/launch/launch.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/launch/failure.h"
#include "engine/launch/monitor_program.h"
#include "engine/linux/cgroup.h"
#include "engine/linux/inotify.h"
#include "engine/linux/message.h"
#include "engine/linux/mount.h"
#include "engine/linux/process.h"
#include "engine/timestamp.h"

#include <sys/inotify.h>

namespace devc::engine {

using namespace nlohmann::literals;

namespace {

std::string stateFile(const Host& host, const std::string& id) { return (host.containerRunDir(id) / "state").string(); }

std::optional<ContainerState> readIfThere(const std::string& path) {
    if (::access(path.c_str(), R_OK) != 0) return {};
    try {
        return decodeState(readFile(path));
    } catch (const SystemError& error) {
        if (error.code() == ENOENT) return {};
        throw;
    }
}

std::string cgroupsPathIn(const std::string& config, const std::string& id) {
    nlohmann::json json = nlohmann::json::parse(config, nullptr, false);
    return json.is_object() ? json.value("/linux/cgroupsPath"_json_pointer, id) : id;
}

Fd connect(const Host& host, const std::string& id) {
    Fd socket = connectTo(host.containerRunDir(id).string(), "control");
    if (!socket) throw Error::of("container {} is not running", id);
    return socket;
}

void ask(const Host& host, const std::string& id, const std::string& request) {
    Fd socket = connect(host, id);
    send(socket.get(), request);
    std::optional<Message> answer = receive(socket.get());
    if (!answer) throw Error::of("container {} is not running", id);
    if (answer->text.starts_with("E")) throw Error(answer->text.substr(1));
}

}  // namespace

Fd openMonitorProgram(const Host& host) {
    std::string path = host.monitorProgram().string();
    try {
        Fd program = cloneMount(path, false);
        changeMount(program.get(), {.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, .propagation = MS_PRIVATE});
        return program;
    } catch (SystemError& error) {
        throw error.during("prepare {}", path).status(125);
    }
}

ContainerState launch(const Host& host, const std::string& id, LaunchFiles files) {
    clearRemains(host, id);
    Fd program = openMonitorProgram(host);
    auto [own, theirs] = messagePair();
    std::string letters;
    SpawnRequest request;
    request.program = program.get();
    request.descriptors = {-1, -1, -1, theirs.get()};
    auto lend = [&](char letter, int descriptor) {
        if (descriptor < 0) return;
        letters += letter;
        request.descriptors.push_back(descriptor);
    };
    lend('i', files.attachStdin);
    lend('o', files.attachStdout);
    lend('e', files.attachStderr);
    lend('c', files.control);
    lend('l', files.lock);
    for (const Fd& port : files.reservedPorts) request.descriptors.push_back(port.get());
    request.arguments = {"devc-monitor", "run", host.containerDir(id).string(), letters.empty() ? "-" : letters,
                         std::to_string(files.reservedPorts.size())};
    request.detached = true;
    request.bareEnvironment = true;  // what the caller's holds is no business of the container's
    request.folder = "/";
    spawn(request);
    theirs.reset();
    std::optional<Message> report = receive(own.get());
    if (!report) throw Error("the container's monitor ended without a word", 125);
    if (report->text.starts_with("F")) throw decodeFailure(report->text);
    return decodeState(std::string_view(report->text).substr(1));
}

ContainerState readState(const Host& host, const std::string& id) {
    std::optional<ContainerState> state = readIfThere(stateFile(host, id));
    if (!state) state = readIfThere((host.containerDir(id) / "exit").string());
    if (!state) {
        ContainerState created;
        created.startedAt = created.finishedAt = "0001-01-01T00:00:00Z";
        return created;
    }
    bool lives = state->monitorPid && startTimeOf(state->monitorPid) == state->monitorStart;
    if (!lives) state->monitorPid = 0;
    if (!lives && state->status == Status::Created) {
        // A start that did not come to its end: what was before it still holds.
        if (std::optional<ContainerState> before = readIfThere((host.containerDir(id) / "exit").string())) return *before;
    }
    if (lives || !isUp(state->status)) return *state;
    // The monitor may have written its last word between the two looks.
    if (std::optional<ContainerState> again = readIfThere(stateFile(host, id)); again && !isUp(again->status)) return *again;
    state->status = Status::Exited;
    state->stopping = false;
    state->pid = 0;
    state->exitCode = 137;
    state->error = "monitor was killed";
    return *state;
}

void clearRemains(const Host& host, const std::string& id) {
    std::optional<ContainerState> state = readIfThere(stateFile(host, id));
    bool ended = !state || state->monitorPid == 0 || state->status == Status::Exited;
    if (ended || startTimeOf(state->monitorPid) == state->monitorStart) return;
    std::string config = (host.containerDir(id) / "config.json").string();
    if (::access(config.c_str(), R_OK) != 0) return;
    std::vector<std::string> warnings;
    std::unique_ptr<Cgroup> group = Cgroup::create(cgroupsPathIn(readFile(config), id), {}, warnings);
    group->killAll();
    group->remove();
}

void sendSignal(const Host& host, const std::string& id, int signal) { ask(host, id, fmt::format("signal {}", signal)); }

void pause(const Host& host, const std::string& id, bool frozen) { ask(host, id, frozen ? "pause" : "unpause"); }

void resizeTerminal(const Host& host, const std::string& id, unsigned rows, unsigned columns) {
    ask(host, id, fmt::format("resize {} {}", rows, columns));
}

ContainerState stopAndWait(const Host& host, const std::string& id, std::optional<int> signal, Nanoseconds timeout, After after) {
    Fd socket = connect(host, id);
    send(socket.get(), fmt::format("stop {} {}{}", signal.value_or(0), timeout.count(), after == After::CallerSettles ? " settled" : ""));
    std::optional<Message> answer = receive(socket.get());
    if (answer && answer->text.starts_with("E")) throw Error(answer->text.substr(1));
    return answer ? decodeState(std::string_view(answer->text).substr(1)) : readState(host, id);
}

ContainerState waitForExit(const Host& host, const std::string& id) {
    Fd socket = connectTo(host.containerRunDir(id).string(), "control");
    if (!socket) return readState(host, id);
    send(socket.get(), "wait");
    std::optional<Message> answer = receive(socket.get());
    if (!answer) return readState(host, id);
    // Until the monitor is gone: what it settles at the end (ports, --rm) is settled then.
    receive(socket.get());
    return decodeState(std::string_view(answer->text).substr(1));
}

bool waitForState(const Host& host, const std::vector<std::string>& ids,
                  const std::function<bool(const std::string& id, const ContainerState&)>& accept, std::optional<Nanoseconds> timeout) {
    Watch watch;
    for (const std::string& id : ids) {
        ::mkdir(host.containerRunDir(id).parent_path().c_str(), 0700);
        ::mkdir(host.containerRunDir(id).c_str(), 0700);
        watch.add(host.containerRunDir(id).string(), IN_MOVED_TO | IN_DELETE_SELF);
    }
    std::optional<std::int64_t> until;
    if (timeout) until = momentNow() + timeout->count();
    for (;;) {
        bool all = true;
        std::vector<Fd> monitors;
        std::vector<int> descriptors;
        for (const std::string& id : ids) {
            ContainerState state = readState(host, id);
            if (accept(id, state)) continue;
            all = false;
            if (!state.monitorPid) continue;
            try {
                monitors.push_back(openPidfd(state.monitorPid));
                descriptors.push_back(monitors.back().get());
            } catch (const SystemError&) {
                // It ended just now; its last word is in the folder that is watched, or will be missing for good.
            }
        }
        if (all) return true;
        if (until && momentNow() >= *until) return false;
        watch.wait(until, descriptors);
    }
}

}  // namespace devc::engine

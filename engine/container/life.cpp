// Start to end of containers: what Containers says to launch and to the monitors.
#include <algorithm>
#include <csignal>
#include <list>
#include <poll.h>
#include <set>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/container/container_lock.h"
#include "engine/container/containers.h"
#include "engine/container/preparation.h"
#include "engine/container/records.h"
#include "engine/container/reservations.h"
#include "engine/error.h"
#include "engine/network/networks.h"

namespace devc::engine {

namespace {

constexpr Nanoseconds defaultStopTimeout = std::chrono::seconds(10);

/// It may end by itself meanwhile.
void endIfUp(const Host& host, const std::string& id, std::optional<int> signal, Nanoseconds grace, After after) {
    try {
        stopAndWait(host, id, signal, grace, after);
    } catch (const Error&) {
        if (isUp(readState(host, id))) throw;
    }
}

void requireRunning(const Host& host, const Record& record, std::string_view verb) {
    if (!isUp(readState(host, record.id))) {
        throw Conflict(fmt::format("cannot {} container: {}: container {} is not running", verb, record.name, record.id));
    }
}

}  // namespace

void Containers::prepareStart(const std::vector<std::string>& ids) {
    std::set<std::string> inOrder;
    for (const std::string& given : ids) inOrder.insert(Records(database_).find(given).id);
    std::list<ContainerLock> locks;  // a start that a killed command began may still go on: its ports are not free
    std::vector<std::string> stopped;
    for (const std::string& id : inOrder) {
        locks.emplace_back(host_, id);
        if (!isUp(readState(host_, id))) stopped.push_back(id);
    }
    if (!stopped.empty()) reservations_->keep(networks_.activate(stopped));
}

LaunchFiles Containers::launchFiles(const Record& record, const Attachment* attachment) {
    LaunchFiles files = attachment ? attachment->files() : LaunchFiles{};
    auto reserved = reservations_->take(record.id);
    if (!reserved) {
        reservations_->keep(networks_.activate({record.id}));
        reserved = reservations_->take(record.id);
    }
    if (reserved) files.reservedPorts = std::move(*reserved);
    return files;
}

std::vector<std::string> Containers::start(const std::string& given, const Attachment* attachment) {
    Records records(database_);
    Record record = records.find(given);
    ContainerLock lock(host_, record.id);
    record = records.find(record.id);  // as who had the lock before has left it
    ContainerState state = readState(host_, record.id);
    if (state.status == Status::Paused) throw Conflict("cannot start a paused container, try unpause instead");
    if (state.status == Status::Running && !state.stopping) return {};
    // Who asked for its end may have been killed: it ends all the same, and only then can it start again.
    if (state.stopping) endIfUp(host_, record.id, {}, record.spec.stopTimeout.value_or(defaultStopTimeout), After::CallerSettles);
    // It waits for its next automatic start: that wait is over now.
    else if (state.status == Status::Restarting) endIfUp(host_, record.id, {}, Nanoseconds(0), After::CallerSettles);
    try {
        LaunchFiles files = launchFiles(record, attachment);  // first: it may settle on other addresses
        prepareLaunch({host_, records, images_, networks_, volumes_}, record);
        files.lock = lock.descriptor();
        return launch(host_, record.id, std::move(files)).warnings;
    } catch (...) {
        reservations_->take(record.id);
        networks_.deactivate({record.id});
        if (record.spec.autoRemove) removeStopped({record}, true);
        throw;
    }
}

void Containers::stop(const std::string& given, std::optional<Nanoseconds> timeout, std::optional<int> signal, After after) {
    Record record = Records(database_).find(given);
    if (!isUp(readState(host_, record.id))) return;
    endIfUp(host_, record.id, signal, timeout.value_or(record.spec.stopTimeout.value_or(defaultStopTimeout)), after);
}

void Containers::restart(const std::string& given, std::optional<Nanoseconds> timeout) {
    Record record = Records(database_).find(given);
    stop(record.id, timeout, {}, After::CallerSettles);
    start(record.id);
    emit("restart", record);
}

void Containers::kill(const std::string& given, int signal) {
    Record record = Records(database_).find(given);
    requireRunning(host_, record, "kill");
    sendSignal(host_, record.id, signal);
    if (signal == SIGKILL) waitForExit(host_, record.id);
}

void Containers::pause(const std::string& given) {
    Record record = Records(database_).find(given);
    requireRunning(host_, record, "pause");
    if (readState(host_, record.id).status == Status::Paused) throw Conflict(fmt::format("container {} is already paused", record.id));
    engine::pause(host_, record.id, true);
}

void Containers::unpause(const std::string& given) {
    Record record = Records(database_).find(given);
    if (readState(host_, record.id).status != Status::Paused) throw Conflict(fmt::format("container {} is not paused", record.id));
    engine::pause(host_, record.id, false);
}

int Containers::wait(const std::string& given) {
    Record record = Records(database_).find(given);
    return waitForExit(host_, record.id).exitCode;
}

std::string Containers::idForExec(const std::string& given) const {
    Record record = Records(database_).find(given);
    ContainerState state = readState(host_, record.id);
    if (state.status == Status::Paused) throw Conflict(fmt::format("container {} is paused, unpause the container before exec", record.name));
    if (state.status != Status::Running) throw Conflict(fmt::format("container {} is not running", record.name));
    return record.id;
}

int Containers::exec(const std::string& given, const ExecSpec& spec) { return engine::exec(host_, idForExec(given), spec); }

int Containers::execCaptured(const std::string& given, const ExecSpec& spec, const std::function<void(std::string_view)>& output) {
    return engine::execCaptured(host_, idForExec(given), spec, output);
}

void Containers::settle(const std::vector<std::string>& ids) {
    Records records(database_);
    std::list<ContainerLock> locks;
    std::vector<std::string> ended;
    std::vector<Record> leaving;
    for (const std::string& id : std::set<std::string>(ids.begin(), ids.end())) {
        std::optional<Record> record = records.byId(id);
        if (!record) continue;
        try {
            locks.emplace_back(host_, id);
        } catch (const NotFound&) {
            continue;  // removed meanwhile, and with it all that was to be settled
        }
        // A new start may have come between the end and this.
        if (isUp(readState(host_, id))) continue;
        ended.push_back(id);
        if (record->spec.autoRemove) leaving.push_back(std::move(*record));
    }
    networks_.ended(ended);
    removeStopped(leaving, true);
}

}  // namespace devc::engine

// The end of containers' records and files.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <functional>
#include <list>
#include <map>
#include <system_error>
#include <thread>

#include "engine/container/container_lock.h"
#include "engine/container/containers.h"
#include "engine/container/records.h"
#include "engine/container/reservations.h"
#include "engine/error.h"
#include "engine/linux/remove_tree.h"
#include "engine/network/networks.h"
#include "engine/volume/volumes.h"

namespace devc::engine {

namespace {

/// Deleting a file waits for the disk, not for a processor.
constexpr std::size_t mostRemovals = 8;

/// `work` for all, at most `most` at the same time, on as many threads as there are to be had. All are tried; then the first
/// failure is thrown.
void forEachAtOnce(const std::vector<std::string>& names, std::size_t most, const std::function<void(const std::string&)>& work) {
    std::atomic<std::size_t> next = 0;
    std::vector<std::exception_ptr> failures(names.size());
    const auto serve = [&] {
        for (std::size_t i = next++; i < names.size(); i = next++) {
            try {
                work(names[i]);
            } catch (...) {
                failures[i] = std::current_exception();
            }
        }
    };
    std::vector<std::jthread> threads;
    try {
        for (std::size_t count = 1; count < std::min(most, names.size()); ++count) threads.emplace_back(serve);
    } catch (const std::system_error&) {
        // No more threads are to be had: those that there are do the work.
    }
    serve();
    threads.clear();
    for (const auto& failure : failures) {
        if (failure) std::rethrow_exception(failure);
    }
}

/// The folders of the containers, the things in them at the same time.
void removeFolders(const Host& host, const std::vector<std::string>& ids) {
    std::vector<std::string> things;
    for (const std::string& id : ids) {
        std::error_code gone;
        for (const auto& entry : std::filesystem::directory_iterator(host.containerDir(id), gone)) things.push_back(entry.path().string());
    }
    forEachAtOnce(things, mostRemovals, [](const std::string& thing) { removeTree(thing); });
    forEachAtOnce(ids, mostRemovals, [&](const std::string& id) { removeTree(host.containerDir(id)); });
}

/// Ends those that run, all at the same time. What their monitors would settle afterwards is the caller's.
void killAll(const Host& host, const std::vector<std::string>& ids) {
    forEachAtOnce(ids, ids.size(), [&](const std::string& id) {
        try {
            stopAndWait(host, id, SIGKILL, Nanoseconds(0), After::CallerSettles);
        } catch (...) {
            if (isUp(readState(host, id))) throw;
        }
    });
}

}  // namespace

void Containers::remove(const std::string& nameOrId, bool force, bool volumes) {
    removeAll({Records(database_).find(nameOrId).id}, force, volumes);
}

void Containers::removeAll(const std::vector<std::string>& ids, bool force, bool volumes) {
    collectLeftovers();
    networks_.removeRetiredBridge();
    const Records table(database_);
    std::map<std::string, Record> records;
    for (const std::string& id : ids) {
        if (std::optional<Record> record = table.byId(id)) records.emplace(id, std::move(*record));
    }
    // First the locks: what a killed command began to start runs, or does not, once they are had.
    std::list<ContainerLock> locks;
    std::vector<Record> present;
    std::vector<std::string> running;
    for (auto& [id, record] : records) {
        try {
            locks.emplace_back(host_, id);
        } catch (const NotFound&) {
            continue;  // gone meanwhile
        }
        if (isUp(readState(host_, id))) running.push_back(id);
        present.push_back(std::move(record));
    }
    if (!running.empty() && !force) {
        throw Conflict(fmt::format("You cannot remove a running container {}. Stop the container before attempting removal or "
                                   "force remove", running.front()));
    }
    killAll(host_, running);
    removeStopped(present, volumes);
}

void Containers::removeStopped(const std::vector<Record>& records, bool volumes) {
    if (records.empty()) return;
    std::vector<std::string> ids;
    for (const Record& record : records) ids.push_back(record.id);
    for (const std::string& id : ids) reservations_->take(id);
    networks_.deactivate(ids);
    std::vector<std::string> forgotten;  // anonymous volumes: gone with the records, or not at all
    {
        Database::Transaction transaction(database_);
        Records table(database_);
        std::vector<std::string> used;
        for (const Record& record : records) {
            for (std::string& name : volumes ? volumes_.usedBy(record.id) : std::vector<std::string>()) used.push_back(std::move(name));
            networks_.release(record.id);
            table.erase(record.id);
        }
        forgotten = volumes_.forgetUnused(used);
        transaction.commit();
    }
    volumes_.removeFolders(forgotten);
    forEachAtOnce(ids, mostRemovals, [&](const std::string& id) {
        clearRemains(host_, id);
        removeTree(host_.containerRunDir(id));
    });
    removeFolders(host_, ids);
    for (const Record& record : records) emit("destroy", record);
}

}  // namespace devc::engine

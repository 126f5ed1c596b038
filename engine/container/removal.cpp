// The end of containers' records and files.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <list>
#include <map>
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

/// Ends those that run, all at the same time. What their monitors would settle afterwards is the caller's.
void killAll(const Host& host, const std::vector<std::string>& ids) {
    std::vector<std::jthread> threads;
    std::vector<std::exception_ptr> failures(ids.size());
    for (size_t i = 0; i < ids.size(); ++i) {
        auto end = [&, i] {
            try {
                stopAndWait(host, ids[i], SIGKILL, Nanoseconds(0), After::CallerSettles);
            } catch (...) {
                if (isUp(readState(host, ids[i]))) failures[i] = std::current_exception();
            }
        };
        if (ids.size() == 1) end();
        else threads.emplace_back(end);
    }
    threads.clear();
    for (const auto& failure : failures) {
        if (failure) std::rethrow_exception(failure);
    }
}

}  // namespace

void Containers::remove(const std::string& id, bool force, bool volumes) { removeAll({id}, force, volumes); }

void Containers::removeAll(const std::vector<std::string>& ids, bool force, bool volumes) {
    collectLeftovers();
    Records table(database_);
    std::map<std::string, Record> records;
    for (const std::string& given : ids) {
        Record record = table.find(given);
        records.emplace(record.id, std::move(record));
    }
    // First the locks: what a killed command began to start runs, or does not, once they are had.
    std::list<ContainerLock> locks;
    std::vector<Record> present;
    std::vector<std::string> running;
    for (auto& [id, record] : records) {
        try {
            locks.emplace_back(host_, id);
        } catch (const NotFound&) {
            continue;  // removed by itself (autoRemove) or by another command: that is what was asked for
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
    for (const Record& record : records) {
        clearRemains(host_, record.id);
        removeTree(host_.containerRunDir(record.id));
        removeTree(host_.containerDir(record.id));
        emit("destroy", record);
    }
}

}  // namespace devc::engine

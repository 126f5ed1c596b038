// The end of containers' records and files.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <list>
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

bool isUp(const ContainerState& state) {
    return state.status == Status::Running || state.status == Status::Paused || state.status == Status::Restarting;
}

/// Ends those that run, all at the same time.
void killAll(const Host& host, const std::vector<std::string>& ids) {
    std::vector<std::jthread> threads;
    std::vector<std::exception_ptr> failures(ids.size());
    for (size_t i = 0; i < ids.size(); ++i) {
        auto end = [&, i] {
            try {
                stopAndWait(host, ids[i], SIGKILL, Nanoseconds(0));
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
    std::vector<Record> records;
    std::vector<std::string> running;
    for (const std::string& given : ids) {
        Record record = table.find(given);
        bool twice = std::any_of(records.begin(), records.end(), [&](const Record& other) { return other.id == record.id; });
        if (twice) continue;
        if (isUp(readState(host_, record.id))) {
            if (!force) {
                throw Conflict(fmt::format("You cannot remove a running container {}. Stop the container before attempting removal or "
                                           "force remove", record.id));
            }
            running.push_back(record.id);
        }
        records.push_back(std::move(record));
    }
    killAll(host_, running);
    std::list<ContainerLock> locks;
    std::vector<Record> present;
    // In the order of ids, so that two commands that remove the same containers do not wait for each other.
    std::sort(records.begin(), records.end(), [](const Record& a, const Record& b) { return a.id < b.id; });
    for (Record& record : records) {
        try {
            locks.emplace_back(host_, record.id);
            present.push_back(std::move(record));
        } catch (const NotFound&) {
            // Removed by itself (autoRemove) or by another command: that is what was asked for.
        }
    }
    for (const Record& record : present) {
        if (isUp(readState(host_, record.id))) {
            throw Conflict(fmt::format("container {} was started while it was being removed", record.name));
        }
    }
    removeStopped(present, volumes);
}

void Containers::removeStopped(const std::vector<Record>& records, bool volumes) {
    if (records.empty()) return;
    std::vector<std::string> ids;
    for (const Record& record : records) ids.push_back(record.id);
    for (const std::string& id : ids) reservations_->take(id);
    networks_.deactivate(ids);
    std::vector<std::string> anonymous;
    {
        Database::Transaction transaction(database_);
        Records table(database_);
        for (const Record& record : records) {
            for (const std::string& name : volumes ? volumes_.usedBy(record.id) : std::vector<std::string>()) {
                auto volume = volumes_.find(name);
                if (volume && volume->anonymous) anonymous.push_back(name);
            }
            networks_.release(record.id);
            table.erase(record.id);
        }
        transaction.commit();
    }
    for (const std::string& name : anonymous) {
        try {
            volumes_.remove(name, true);
        } catch (const Conflict&) {
            // Another container mounts it too (volumes_from).
        }
    }
    for (const Record& record : records) {
        clearRemains(host_, record.id);
        removeTree(host_.containerRunDir(record.id));
        removeTree(host_.containerDir(record.id));
        emit("destroy", record);
    }
}

}  // namespace devc::engine

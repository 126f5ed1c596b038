// `container update`: new limits for a container that exists.
#include <cerrno>

#include <nlohmann/json.hpp>

#include "engine/container/container_lock.h"
#include "engine/container/containers.h"
#include "engine/container/records.h"
#include "engine/error.h"
#include "engine/event/events.h"
#include "engine/json.h"
#include "engine/linux/cgroup.h"

namespace devc::engine {

namespace {

template <typename T, typename V>
void take(std::optional<T>& limit, V value) {
    if (value != 0) limit = static_cast<T>(value);
}

CgroupLimits limitsOf(const Resources& r) {
    constexpr std::int64_t period = 100'000;  // microseconds
    CgroupLimits limits;
    take(limits.memory, r.memory);
    take(limits.memoryReservation, r.memoryReservation);
    take(limits.memorySwap, r.memorySwap != 0 ? r.memorySwap : r.memory * 2);
    take(limits.cpuShares, r.cpuShares);
    take(limits.cpuQuota, r.cpuQuota);
    take(limits.cpuPeriod, r.cpuPeriod);
    if (r.nanoCpus != 0) {
        limits.cpuPeriod = static_cast<std::uint64_t>(period);
        limits.cpuQuota = r.nanoCpus / (1'000'000'000 / period);
    }
    take(limits.pids, r.pidsLimit);
    take(limits.blkioWeight, r.blkioWeight);
    limits.cpus = r.cpusetCpus;
    limits.mems = r.cpusetMems;
    return limits;
}

/// Where the container's groups are, as its configuration says.
std::string groupPath(const Host& host, const std::string& id) {
    const nlohmann::json config = parseJson(readFile(host.containerDir(id) / "config.json"), "the container's configuration");
    return config.at("linux").at("cgroupsPath").get<std::string>();
}

void applyNow(const Host& host, const std::string& id, const ContainerState& state, const Resources& resources, std::vector<std::string>& warnings) {
    // A group that only the new limits need is made, the others exist.
    const auto group = Cgroup::create(groupPath(host, id), limitsOf(resources), warnings);
    if (group->folder() >= 0) return;  // v2: one group has all limits, and its processes may have gone to groups below it
    for (const pid_t process : Cgroup::of(state.pid, id)->processes()) {
        try {
            group->adopt(process);
        } catch (const SystemError& gone) {
            if (gone.code() != ESRCH) throw;
        }
    }
}

}  // namespace

std::vector<std::string> Containers::update(const std::string& given, const std::function<void(ContainerSpec&)>& change) {
    Records records(database_);
    Record record = records.find(given);
    ContainerLock lock(host_, record.id);
    record = records.find(record.id);
    change(record.spec);
    const ContainerState state = readState(host_, record.id);
    std::vector<std::string> warnings;
    if (state.pid != 0) applyNow(host_, record.id, state, record.spec.resources, warnings);
    Database::Transaction transaction(database_);
    record = records.find(record.id);  // a renaming does not wait for the lock
    change(record.spec);
    records.update(record);
    transaction.commit();
    emit("update", record);
    return warnings;
}

}  // namespace devc::engine

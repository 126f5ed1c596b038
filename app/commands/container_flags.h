#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "engine/spec.h"

namespace devc::app {

/// The flags of `docker container run` and `create`, as written, and what they mean.
struct ContainerFlags {
    std::string name, entrypoint, workdir, user, hostname, domainname, stopSignal, restart = "no", pull = "missing", platform, cidfile;
    bool tty = false, interactive = false, init = false, privileged = false, readOnly = false, remove = false, publishAll = false;
    bool noHealthcheck = false, quiet = false, oomKillDisable = false;
    bool hasEntrypoint = false;
    std::vector<std::string> environment, envFiles, labels, labelFiles, annotations, attach, groupAdd;
    std::vector<std::string> volumes, mounts, tmpfs, volumesFrom, devices, deviceRules, publish, expose;
    std::vector<std::string> blkioWeights, readBps, writeBps, readIops, writeIops;
    std::vector<std::string> networks, networkAliases, links, linkLocalIps, addHosts, dns, dnsSearch, dnsOptions;
    std::vector<std::string> capAdd, capDrop, securityOptions, sysctls, ulimits, logOptions, storageOptions;
    std::string ip, ip6, mac, pid, ipc, uts, userns, cgroupns, cgroupParent, runtime, logDriver, volumeDriver, gpus;
    std::string memory, memoryReservation, memorySwap, shmSize, cpus, cpusetCpus, cpusetMems, kernelMemory;
    std::int64_t cpuShares = 0, cpuQuota = 0, cpuPeriod = 0, cpuRealtimeRuntime = 0, cpuRealtimePeriod = 0, pidsLimit = 0;
    int memorySwappiness = -1, oomScoreAdj = 0, healthRetries = 0;
    unsigned blkioWeight = 0;
    std::optional<int> stopTimeout;
    std::string healthCommand, healthInterval, healthTimeout, healthStartPeriod, healthStartInterval;

    void addTo(CLI::App& command);
    /// The specification; `words` are the image and the command. Throws Error with status 125 for a value that makes no
    /// sense, naming the flag.
    engine::ContainerSpec spec(const std::vector<std::string>& words) const;
};

/// The parts, shared with `container update` and `network connect`. All throw Error.
std::vector<engine::PortBinding> parsePublish(std::string_view text);           ///< [ip:][host[-host]:]container[-container][/proto]
engine::MountSpec parseVolumeFlag(std::string_view text);                       ///< [source:]target[:options]
engine::MountSpec parseMountFlag(std::string_view text);                        ///< type=bind,source=...,target=...
std::int64_t parseCpus(std::string_view text);                                  ///< "1.5" -> 1500000000
std::int64_t parseMemory(std::string_view text);                                ///< bytes; "-1" stays -1

}  // namespace devc::app

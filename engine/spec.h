#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace devc::engine {

using Nanoseconds = std::chrono::nanoseconds;

/// A published or exposed port. hostPort 0: the kernel chooses. Ranges are expanded before they come here.
struct PortBinding {
    std::uint16_t containerPort = 0;
    std::string protocol = "tcp";  ///< tcp, udp, sctp
    std::string hostIp;            ///< empty: all addresses, IPv4 and IPv6
    std::uint16_t hostPort = 0;
    std::uint16_t hostPortEnd = 0;  ///< 0, or the last port of the range from which one is taken ("8000-8010:80" scaled)
    bool operator==(const PortBinding&) const = default;
};

enum class MountType { Bind, Volume, Tmpfs, Image };

struct MountSpec {
    MountType type = MountType::Volume;
    std::string source;  ///< host path, volume name (empty: anonymous), image reference; nothing for tmpfs
    std::string target;  ///< absolute, cleaned path in the container
    bool readOnly = false;
    std::string propagation;      ///< empty: rprivate
    bool createHostPath = true;   ///< bind only: make a missing source as a folder
    bool recursive = true;        ///< bind only
    bool noCopy = false;          ///< volume only: do not fill an empty volume from the image
    std::string subpath;          ///< volume and image only
    std::uint64_t tmpfsSize = 0;  ///< bytes, 0: the kernel's default
    std::uint32_t tmpfsMode = 0;  ///< 0: 1777
    std::string options;          ///< tmpfs in the short form: mount options as text
    std::map<std::string, std::string> volumeLabels;
    bool operator==(const MountSpec&) const = default;
};

/// What a configuration or secret file of compose becomes: content owned by the engine, mounted read-only from tmpfs.
struct FileSpec {
    std::string target;   ///< absolute path in the container
    std::string content;
    std::uint32_t uid = 0, gid = 0, mode = 0444;
    bool secret = false;
    bool operator==(const FileSpec&) const = default;
};

struct NetworkLink {
    std::string container;  ///< name or id of the container that is linked to
    std::string alias;      ///< an additional name of it, known to this container only
    bool operator==(const NetworkLink&) const = default;
};

struct NetworkAttachment {
    std::string network;  ///< name or id
    std::vector<std::string> aliases;
    std::vector<NetworkLink> links;
    std::string replicas;  ///< the set of equal containers that this one is of: who is linked to one of them is to all; empty: none
    std::string ipv4, ipv6, mac;  ///< empty: leased
    int priority = 0, gatewayPriority = 0;
    std::string interfaceName;  ///< empty: eth0, eth1, ...
    std::vector<std::string> linkLocalIps;
    std::map<std::string, std::string> driverOptions;
    bool operator==(const NetworkAttachment&) const = default;
};

struct HealthCheck {
    std::vector<std::string> test;  ///< {"CMD", ...}, {"CMD-SHELL", script}, {"NONE"}; empty: the image's
    Nanoseconds interval{0}, timeout{0}, startPeriod{0}, startInterval{0};  ///< 0: inherited, then 30 s, 30 s, 0, 5 s
    int retries = 0;                                                        ///< 0: inherited, then 3
    bool operator==(const HealthCheck&) const = default;
};

enum class RestartCondition { No, Always, OnFailure, UnlessStopped };
struct RestartPolicy {
    RestartCondition condition = RestartCondition::No;
    int maximumRetries = 0;  ///< OnFailure only; 0: no limit
    bool operator==(const RestartPolicy&) const = default;
};

struct Ulimit {
    std::int64_t soft = 0, hard = 0;  ///< -1: unlimited
    bool operator==(const Ulimit&) const = default;
};

struct DeviceSpec {
    std::string source, target, permissions = "rwm";
    bool operator==(const DeviceSpec&) const = default;
};

/// Devices asked for by what they can do, as `--gpus` and compose's `gpus`; found among the machine's CDI specifications.
struct DeviceRequest {
    std::string driver;                     ///< "cdi": ids are names such as "vendor.com/gpu=0"; "nvidia", "amd"; empty: by capability
    std::int64_t count = 0;                 ///< -1: all; ids stand instead
    std::vector<std::string> ids;
    std::vector<std::string> capabilities;  ///< such as "gpu"
    std::map<std::string, std::string> options;
    bool operator==(const DeviceRequest&) const = default;
};

/// A limit or weight for one block device, by its path on the host.
struct BlockDeviceLimit {
    std::string path;
    std::uint64_t value = 0;  ///< bytes or operations a second, or a weight of 10..1000
    bool operator==(const BlockDeviceLimit&) const = default;
};

struct Resources {
    std::int64_t memory = 0, memoryReservation = 0, memorySwap = 0;  ///< bytes; memorySwap -1: unlimited
    std::int64_t nanoCpus = 0, cpuShares = 0, cpuQuota = 0, cpuPeriod = 0;
    std::int64_t cpuRealtimeRuntime = 0, cpuRealtimePeriod = 0;  ///< microseconds
    std::string cpusetCpus, cpusetMems;
    std::int64_t pidsLimit = 0;  ///< 0: engine's default, -1: unlimited
    std::optional<int> memorySwappiness;
    bool oomKillDisable = false;
    int oomScoreAdj = 0;
    std::uint16_t blkioWeight = 0;
    std::vector<BlockDeviceLimit> blkioWeights, readBps, writeBps, readIops, writeIops;
    std::vector<std::string> deviceCgroupRules;
    bool operator==(const Resources&) const = default;
};

/// Everything a container is created from: what `docker container create` and a compose service can say.
/// A value; equality and JSON (round trip) are complete. Paths on the host are absolute.
struct ContainerSpec {
    std::string name;     ///< empty: a generated one
    std::string image;    ///< reference as the user wrote it
    std::string imageId;  ///< "sha256:..." of the image configuration; resolved before create
    std::optional<std::vector<std::string>> entrypoint, command;  ///< nullopt: the image's; an entrypoint resets the image's command
    std::vector<std::string> environment;                         ///< "KEY=value", complete (image's are added at create)
    std::string workingDir, user;
    std::vector<std::string> groupAdd;
    std::string hostname, domainname;
    std::map<std::string, std::string> labels, annotations;
    bool tty = false, openStdin = false, stdinOnce = false;
    bool attachStdin = false, attachStdout = false, attachStderr = false;
    bool init = false, privileged = false, readOnlyRootfs = false, autoRemove = false, publishAllPorts = false;
    std::vector<std::string> capAdd, capDrop, securityOptions;
    std::map<std::string, std::string> sysctls;
    std::map<std::string, Ulimit> ulimits;
    std::vector<DeviceSpec> devices;  ///< a source that is a CDI name ("vendor.com/class=name") has no target
    std::vector<DeviceRequest> deviceRequests;
    std::int64_t shmSize = 0;  ///< bytes; 0: 64 MiB
    std::string networkMode;   ///< "" (networks below, or the default bridge), "none", "host", "container:<name or id>"
    std::vector<NetworkAttachment> networks;
    std::string macAddress;
    std::string pidMode, ipcMode, utsMode, usernsMode, cgroupMode;  ///< "", "host", "private", "shareable", "container:<..>"
    std::string cgroupParent, runtime, platform;
    std::vector<std::string> dns, dnsSearch, dnsOptions;
    std::vector<std::string> extraHosts;  ///< "name:ip"; ip may be "host-gateway"
    std::vector<PortBinding> ports;
    std::vector<std::string> exposed;  ///< "80/tcp"
    std::vector<MountSpec> mounts;
    std::vector<FileSpec> files;
    std::vector<std::string> volumesFrom;  ///< "container[:ro]"
    std::string stopSignal;                ///< "SIGTERM", "15"; empty: the image's, then SIGTERM
    std::optional<Nanoseconds> stopTimeout;  ///< nullopt: 10 s
    std::optional<HealthCheck> healthcheck;
    RestartPolicy restart;
    std::string logDriver;  ///< empty: json-file
    std::map<std::string, std::string> logOptions, storageOptions;
    Resources resources;
    bool operator==(const ContainerSpec&) const = default;
};

void to_json(nlohmann::json&, const ContainerSpec&);
void from_json(const nlohmann::json&, ContainerSpec&);

}  // namespace devc::engine

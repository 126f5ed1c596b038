#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compose/model/build.h"
#include "compose/model/deploy.h"
#include "compose/model/duration.h"
#include "compose/model/file_object.h"
#include "compose/model/health.h"
#include "compose/model/mapping.h"
#include "compose/model/mount.h"
#include "compose/model/network.h"
#include "compose/model/port.h"

namespace devc::compose {

/// A host device in the container.
struct Device {
    std::string source;
    std::string target;
    std::string permissions = "rwm";
};

struct BlockRate {
    std::string path;
    std::int64_t rate = 0;  // bytes or operations a second
};

struct BlockIo {
    std::uint16_t weight = 0;
    std::vector<BlockRate> weightDevice;
    std::vector<BlockRate> readBps, readIops, writeBps, writeIops;
};

struct Logging {
    std::string driver;
    StringMap options;
};

/// A command that is run in a container after its start or before its stop, or in one of its own before (pre_start).
struct Hook {
    StringList command;
    std::string user;
    bool privileged = false;
    std::string workingDir;
    OptionalStringMap environment;
    std::string image;        ///< of pre_start only; empty: the service's
    bool perReplica = false;  ///< of pre_start only
};

struct WatchRule {
    std::string action;  // sync, rebuild, restart, sync+restart, sync+exec
    std::string path;
    std::string target;
    StringList ignore;
    StringList include;
    bool initialSync = false;
    Hook exec;
};

struct ModelBinding {
    std::string endpointVariable;
    std::string modelVariable;
};

struct Provider {
    std::string type;
    std::map<std::string, StringList> options;
};

struct CredentialSpec {
    std::string config, file, registry;
};

/// One service, normalised: short forms are expanded, defaults are filled in, paths are absolute, env_file and
/// label_file are merged into environment and labels, links and namespaces shared with services are dependencies.
/// Absent optionals mean "as the image or the engine says".
struct Service {
    std::string name;
    std::string image;                        // empty: the name of the built image follows from the project
    std::optional<Build> build;
    std::string pullPolicy;                   // "", always, never, missing, build, daily, weekly, every_<duration>
    std::string platform;
    std::string containerName;
    StringList profiles;

    /// Absent: the image's. Present and empty: none (clears the image's).
    std::optional<StringList> command;
    std::optional<StringList> entrypoint;
    OptionalStringMap environment;
    std::string workingDir;
    std::string user;
    StringList groupAdd;
    std::string hostname;
    std::string domainname;
    StringMap labels;
    StringMap annotations;
    bool tty = false;
    bool stdinOpen = false;
    std::optional<bool> init;
    bool attach = true;

    std::vector<Port> ports;
    StringList expose;
    /// "", none, host, bridge, service:NAME, container:NAME, or a network's name.
    std::string networkMode;
    std::map<std::string, NetworkAttachment> networks;
    StringList dns, dnsSearch, dnsOptions;
    std::vector<ExtraHost> extraHosts;
    StringList links;                         // SERVICE or SERVICE:ALIAS
    StringList externalLinks;                 // CONTAINER or CONTAINER:ALIAS
    std::string macAddress;

    std::vector<Mount> mounts;
    StringList tmpfs;                         // PATH or PATH:options
    StringList volumesFrom;                   // SERVICE[:ro|rw] or container:NAME[:ro|rw]
    std::string volumeDriver;
    std::vector<FileReference> configs;
    std::vector<FileReference> secrets;
    std::vector<Device> devices;
    StringList deviceCgroupRules;
    std::vector<DeviceRequest> gpus;

    std::map<std::string, Dependency> dependsOn;
    std::optional<HealthCheck> healthcheck;
    std::string restart;                      // "", no, always, unless-stopped, on-failure[:N]
    std::string stopSignal;
    std::optional<Duration> stopGracePeriod;
    std::vector<Hook> preStart, postStart, preStop;
    std::optional<int> scale;
    std::optional<Deploy> deploy;
    std::vector<WatchRule> watch;

    std::optional<Logging> logging;
    std::string runtime;
    std::string isolation;
    bool privileged = false;
    bool readOnly = false;
    StringList capAdd, capDrop;
    StringList securityOpt;
    std::string usernsMode, pid, ipc, uts, cgroup, cgroupParent;
    StringMap sysctls;
    StringMap storageOpt;
    std::map<std::string, Ulimit> ulimits;
    std::int64_t shmSize = 0;                 // bytes, 0: the engine's default
    bool useApiSocket = false;

    std::int64_t cpuCount = 0;
    double cpuPercent = 0;
    std::int64_t cpuShares = 0, cpuPeriod = 0, cpuQuota = 0, cpuRtPeriod = 0, cpuRtRuntime = 0;  // microseconds
    double cpus = 0;
    std::string cpuset;
    std::int64_t memLimit = 0;                // bytes, 0: none
    std::int64_t memReservation = 0;
    std::int64_t memSwapLimit = 0;            // memory and swap together, -1: unlimited
    std::optional<std::int64_t> memSwappiness;
    bool oomKillDisable = false;
    std::int64_t oomScoreAdj = 0;
    std::int64_t pidsLimit = 0;               // 0: the engine's default, -1: unlimited
    std::optional<BlockIo> blkio;
    std::optional<CredentialSpec> credentialSpec;

    std::map<std::string, std::optional<ModelBinding>> models;
    std::optional<Provider> provider;

    /// Digest of everything that a container of this service is made from, without build, depends_on, deploy.replicas
    /// and scale. Another digest means that the container has to be recreated. Hex of SHA-256.
    std::string configHash;

    /// scale, else deploy.replicas, else 1.
    int replicas() const;
    /// What limits memory, from mem_limit or deploy.resources.limits.memory; 0 is none.
    std::int64_t memoryLimit() const;
    /// What limits CPU time, from cpus or deploy.resources.limits.cpus; 0 is none.
    double cpuLimit() const;
    /// Limit of processes, from pids_limit or deploy.resources.limits.pids; 0 is none.
    std::int64_t processLimit() const;
    /// The restart policy in docker's form, from deploy.restart_policy or restart.
    std::string restartPolicy() const;
    /// The image that its containers run: `image`, else "<project>-<service>".
    std::string imageOr(std::string_view project) const;
    /// The images of `pre_start` that are not the service's own, each once.
    StringList preStartImages() const;
    /// Keys of `networks`, highest priority first, then by name.
    StringList networksByPriority() const;
};

}  // namespace devc::compose

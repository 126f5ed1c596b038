#include "engine/container/preparation.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/container/box.h"
#include "engine/container/containers.h"
#include "engine/container/devices.h"
#include "engine/container/etc_files.h"
#include "engine/container/log_source.h"
#include "engine/container/mounts.h"
#include "engine/container/oci_config.h"
#include "engine/container/runtime_program.h"
#include "engine/container/seccomp_profile.h"
#include "engine/error.h"
#include "engine/image/images.h"
#include "engine/linux/cgroup.h"
#include "engine/linux/fd.h"
#include "engine/linux/mount.h"
#include "engine/network/networks.h"
#include "engine/volume/fill.h"
#include "engine/volume/volumes.h"

namespace devc::engine {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view defaultBridgeName = "bridge";

std::string hostsOwnName() {
    std::array<char, 256> name{};
    ::gethostname(name.data(), name.size() - 1);
    return name.data();
}

std::vector<std::string> textsOf(const std::vector<fs::path>& paths) {
    std::vector<std::string> texts;
    for (const fs::path& path : paths) texts.push_back(path.string());
    return texts;
}

fs::path fileOf(const Host& host, const std::string& id, size_t number) {
    return host.containerRunDir(id) / "files" / std::to_string(number);
}

/// Prepares one start of one container: the steps share what they look up.
class Preparation {
public:
    Preparation(const Surroundings& around, const Record& record)
        : around_(around), record_(record), spec_(record.spec), image_(around.images.get(spec_.imageId)),
          folder_(around.host.containerDir(record.id)), endpoints_(around.networks.endpoints(record.id)) {}

    void run() {
        requireNetworks();
        joinNamespaces();
        hostname_ = ownHostname();
        ensureFiles();
        fillVolumes(around_, record_);
        if (networkOf_.empty()) writeEtcFiles();
        writeConfig();
        writePlan();
    }

private:
    /// One that was removed while the container did not run is missed: the container would start without it.
    void requireNetworks() const {
        for (const NetworkAttachment& attachment : spec_.networks) {
            const bool connected = std::any_of(endpoints_.begin(), endpoints_.end(), [&](const EndpointInfo& endpoint) {
                return endpoint.networkName == attachment.network || endpoint.networkId.starts_with(attachment.network);
            });
            if (!connected)
                throw NotFound(fmt::format("network {} not found", attachment.network))
                    .detail(fmt::format("container {} was connected to it before it was removed", record_.name))
                    .hint("make the container anew: `devc up` does");
        }
    }

    /// "container:<id>" modes become paths of the namespaces of that container's first process.
    void joinNamespaces() {
        join("network", spec_.networkMode);
        join("pid", spec_.pidMode);
        join("ipc", spec_.ipcMode);
        networkOf_ = joinedContainer(spec_.networkMode);
    }

    void join(const char* type, const std::string& mode) {
        std::string id = joinedContainer(mode);
        if (id.empty()) return;
        ContainerState state = readState(around_.host, id);
        if (state.pid == 0) {
            std::string name = around_.records.find(id).name;
            throw Conflict(fmt::format("cannot join {} of a non running container: {}", type, name)).hint("start it first");
        }
        std::string file = std::string(type) == "network" ? "net" : type;
        input_.joined[type] = fmt::format("/proc/{}/ns/{}", state.pid, file);
        if (std::string(type) == "ipc") shm_ = fmt::format("/proc/{}/root/dev/shm", state.pid);
    }

    std::string ownHostname() const {
        if (!networkOf_.empty()) {
            Record other = around_.records.find(networkOf_);
            return other.spec.hostname.empty() ? shortId(other.id) : other.spec.hostname;
        }
        if (!spec_.hostname.empty()) return spec_.hostname;
        return spec_.utsMode == "host" || spec_.networkMode == "host" ? hostsOwnName() : shortId(record_.id);
    }

    void ensureFiles() const {
        for (size_t i = 0; i < spec_.files.size(); ++i) {
            if (::access(fileOf(around_.host, record_.id, i).c_str(), F_OK) == 0) continue;
            if (spec_.files[i].secret) {
                throw Error::of("the secret {} of container {} is gone: secrets do not outlive a reboot", spec_.files[i].target, record_.name)
                    .hint("`devc up --force-recreate` makes the container again with its secrets");
            }
            return writeFiles(around_.host, record_.id, spec_.files);
        }
    }

    bool engineAnswers() const {
        return std::any_of(endpoints_.begin(), endpoints_.end(), [](const EndpointInfo& e) { return e.networkName != defaultBridgeName; });
    }

    std::string gateway() const {
        for (const EndpointInfo& endpoint : endpoints_) {
            if (!endpoint.gateway4.empty()) return endpoint.gateway4;
            if (!endpoint.gateway6.empty()) return endpoint.gateway6;
        }
        return spec_.networkMode == "host" ? "127.0.0.1" : "";
    }

    void writeEtcFiles() const {
        HostsRequest hosts;
        hosts.hostname = hostname_;
        hosts.domainname = spec_.domainname;
        for (const std::string& extra : spec_.extraHosts) hosts.extra.push_back(parseExtraHost(extra, gateway()));
        for (const EndpointInfo& endpoint : endpoints_) {
            if (!endpoint.ipv4.empty()) hosts.ownAddresses.push_back(endpoint.ipv4);
            if (!endpoint.ipv6.empty()) hosts.ownAddresses.push_back(endpoint.ipv6);
        }
        if (!engineAnswers()) addLinksTo(hosts);
        std::string text = renderHosts(hosts);
        if (spec_.networkMode == "host" && ::access("/etc/hosts", R_OK) == 0) {
            text = readFile("/etc/hosts");
            for (const auto& [address, name] : hosts.extra) text += fmt::format("{}\t{}\n", address, name);
        }
        ResolvRequest resolv{engineAnswers(), spec_.dns, spec_.dnsSearch, spec_.dnsOptions};
        write("hosts", text);
        write("hostname", hostname_ + "\n");
        write("resolv.conf", spec_.networkMode == "host" && spec_.dns.empty() && ::access("/etc/resolv.conf", R_OK) == 0
                                 ? readFile("/etc/resolv.conf")
                                 : renderResolvConf(resolv, hostResolvers()));
    }

    /// Where nobody answers names (default bridge), links are lines of the hosts file.
    void addLinksTo(HostsRequest& hosts) const {
        for (const NetworkAttachment& attachment : spec_.networks) {
            for (const NetworkLink& link : attachment.links) {
                Record other = around_.records.find(link.container);
                for (const EndpointInfo& endpoint : around_.networks.endpoints(other.id)) {
                    if (!endpoint.ipv4.empty()) hosts.extra.emplace_back(endpoint.ipv4, link.alias + " " + shortId(other.id) + " " + other.name);
                }
            }
        }
    }

    void write(const char* name, const std::string& text) const { writeFileAtomically((folder_ / name).string(), text, 0644); }

    void writeConfig() {
        input_.id = record_.id;
        input_.image = image_.config;
        input_.arguments = record_.arguments;
        input_.hostname = hostname_;
        input_.rootPath = (folder_ / "merged").string();
        input_.mounts = resolveMounts(spec_, around_.volumes, around_.images);
        addOwnMounts();
        input_.devices = devicesFor(spec_);
        input_.blocks = blockDevicesFor(spec_.resources);
        addCdi();
        input_.availableCapabilities = ownCapabilities();
        input_.limitsProcesses = cgroup::hasController("pids");
        nlohmann::json json = ociConfig(spec_, input_);
        if (!findRuntime(spec_.runtime).empty()) {
            std::string filter = seccompForRuntime(spec_.securityOptions, spec_.privileged, capabilitiesOf(spec_, input_.availableCapabilities));
            if (!filter.empty()) json["linux"]["seccomp"] = nlohmann::json::parse(filter);
        }
        std::string config = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
        writeFileAtomically((folder_ / "config.json").string(), config);
    }

    void addCdi() {
        if (!wantsCdi(spec_)) return;
        CdiEdits edits = cdiEditsFor(spec_, CdiDevices());
        const auto add = [](auto& to, auto& from) { to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end())); };
        add(input_.devices, edits.devices);
        add(input_.mounts, edits.mounts);
        input_.deviceEnvironment = std::move(edits.environment);
        input_.hooks = std::move(edits.hooks);
        deviceGroups_ = std::move(edits.groups);
    }

    void addOwnMounts() {
        const char* access = spec_.readOnlyRootfs ? "ro" : "rw";
        fs::path etc = networkOf_.empty() ? folder_ : around_.host.containerDir(networkOf_);
        for (const char* name : {"resolv.conf", "hostname", "hosts"}) {
            std::string target = std::string("/etc/") + name;
            if (!isMounted(target)) addBind((etc / name).string(), target, access);
        }
        if (!shm_.empty() && !isMounted("/dev/shm")) addBind(shm_, "/dev/shm", "rw");
        if (spec_.ipcMode == "host") {
            if (!isMounted("/dev/shm")) addBind("/dev/shm", "/dev/shm", "rw");
        }
        for (size_t i = 0; i < spec_.files.size(); ++i) {
            addBind(fileOf(around_.host, record_.id, i).string(), spec_.files[i].target, "ro");
        }
    }

    bool isMounted(const std::string& target) const {
        return std::any_of(input_.mounts.begin(), input_.mounts.end(), [&](const ResolvedMount& mount) { return mount.target == target; });
    }

    void addBind(const std::string& source, const std::string& target, const char* access) {
        input_.mounts.push_back({"bind", source, target, {"rbind", "rprivate", access}});
    }

    void writePlan() const {
        MonitorPlan plan;
        plan.id = record_.id;
        plan.name = record_.name;
        plan.stateDir = around_.host.stateDir.string();
        plan.runDir = around_.host.runDir.string();
        plan.lowers = textsOf(around_.images.lowerFolders(image_));
        plan.upper = (folder_ / "upper").string();
        plan.work = (folder_ / "work").string();
        plan.user = !spec_.user.empty() ? spec_.user : image_.config.user;
        plan.groupAdd = spec_.groupAdd;
        plan.groupAdd.insert(plan.groupAdd.end(), deviceGroups_.begin(), deviceGroups_.end());
        plan.endpoints = around_.networks.plan(record_.id);
        plan.resolver = engineAnswers();
        for (const auto& [kind, mode] : {std::pair("network", &spec_.networkMode), {"pid", &spec_.pidMode}})
            if (const std::string id = joinedContainer(*mode); !id.empty()) plan.joins[kind] = id;
        plan.upstreams = !spec_.dns.empty() ? spec_.dns : hostResolvers().nameservers;
        plan.links = links();
        std::string signal = !spec_.stopSignal.empty() ? spec_.stopSignal : image_.config.stopSignal;
        if (!signal.empty()) plan.stopSignal = signal;
        if (spec_.stopTimeout) plan.stopTimeout = *spec_.stopTimeout;
        plan.health = healthCheckOf(spec_, image_.config);
        plan.restart = spec_.restart;
        plan.autoRemove = spec_.autoRemove;
        plan.openStdin = spec_.openStdin;
        plan.stdinOnce = spec_.stdinOnce;
        plan.tty = spec_.tty;
        plan.init = spec_.init;
        if (!spec_.logDriver.empty()) plan.logDriver = spec_.logDriver;
        plan.logOptions = spec_.logOptions;
        plan.logSource = logSourceOf(record_, image_.config, hostsOwnName());
        plan.seccompFilter = seccompFilter(around_.host, spec_.securityOptions, spec_.privileged,
                                           capabilitiesOf(spec_, input_.availableCapabilities));
        plan.runtime = findRuntime(spec_.runtime);
        plan.reaper = (around_.host.helpersDir / "devc").string();
        plan.eventAttributes = spec_.labels;
        plan.eventAttributes["name"] = record_.name;
        plan.eventAttributes["image"] = spec_.image;
        writeFileAtomically((folder_ / "monitor.json").string(), encode(plan));
    }

    std::map<std::string, std::string> links() const {
        std::map<std::string, std::string> links;
        for (const NetworkAttachment& attachment : spec_.networks) {
            for (const NetworkLink& link : attachment.links) links[link.alias] = around_.records.find(link.container).name;
        }
        return links;
    }

    const Surroundings& around_;
    const Record& record_;
    const ContainerSpec& spec_;
    Image image_;
    fs::path folder_;
    std::vector<EndpointInfo> endpoints_;
    std::string hostname_, networkOf_, shm_;
    std::vector<std::string> deviceGroups_;
    OciInput input_;
};

Fd openImageRoot(const Surroundings& around, const Image& image) {
    std::vector<std::string> lowers = textsOf(around.images.lowerFolders(image));
    if (lowers.empty()) throw Error::of("the image has no layers");
    if (lowers.size() == 1) return openFile(lowers.front(), O_PATH | O_DIRECTORY);
    return mountOverlay({lowers, "", ""});
}

}  // namespace

std::string joinedContainer(const std::string& mode) { return mode.starts_with("container:") ? mode.substr(10) : ""; }

std::string shortId(const std::string& id) { return id.substr(0, 12); }

void prepareLaunch(const Surroundings& around, const Record& record) { Preparation(around, record).run(); }

void writeFiles(const Host& host, const std::string& id, const std::vector<FileSpec>& files) {
    if (files.empty()) return;
    fs::create_directories(fileOf(host, id, 0).parent_path());
    ::chmod(host.containerRunDir(id).c_str(), 0700);
    for (size_t i = 0; i < files.size(); ++i) {
        std::string path = fileOf(host, id, i).string();
        writeFileAtomically(path, files[i].content, files[i].mode);
        if (::chown(path.c_str(), files[i].uid, files[i].gid) != 0) throw SystemError("chown " + path, errno);
        // chown takes set-user-ID bits away.
        if (files[i].mode & 06000) ::chmod(path.c_str(), files[i].mode);
    }
}

std::vector<FileSpec> readFiles(const Host& host, const std::string& id, std::vector<FileSpec> files) {
    std::vector<FileSpec> found;
    for (size_t i = 0; i < files.size(); ++i) {
        bool there = true;
        try {
            files[i].content = readFile(fileOf(host, id, i).string());
        } catch (const SystemError& error) {
            if (error.code() != ENOENT) throw;
            there = false;
        }
        if (there || !files[i].secret) found.push_back(std::move(files[i]));
    }
    return found;
}

void fillVolumes(const Surroundings& around, const Record& record) {
    for (const MountSpec& mount : record.spec.mounts) {
        if (mount.type != MountType::Volume) continue;
        fs::path data = around.host.volumeDir(mount.source);
        if (!isMarkedForFilling(data)) continue;
        Image image = around.images.get(record.spec.imageId);
        try {
            fill(data, mount.target, [&] { return openImageRoot(around, image); });
        } catch (Error& error) {
            throw error.during("fill volume {} with {} of {}", mount.source, mount.target, record.spec.image);
        }
    }
}

}  // namespace devc::engine

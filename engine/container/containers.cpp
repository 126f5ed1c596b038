#include "engine/container/containers.h"

#include <algorithm>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "engine/container/box.h"
#include "engine/container/container_lock.h"
#include "engine/container/creation.h"
#include "engine/container/log_source.h"
#include "engine/container/mounts.h"
#include "engine/container/names.h"
#include "engine/container/oci_config.h"
#include "engine/container/preparation.h"
#include "engine/container/records.h"
#include "engine/container/reservations.h"
#include "engine/container/runtime_program.h"
#include "engine/digest.h"
#include "engine/error.h"
#include "engine/event/events.h"
#include "engine/image/images.h"
#include "engine/launch/handles.h"
#include "engine/linux/remove_tree.h"
#include "engine/network/networks.h"
#include "engine/timestamp.h"
#include "engine/volume/fill.h"
#include "engine/volume/volumes.h"

namespace devc::engine {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view projectLabel = "com.docker.compose.project";

/// The container's folder and its overlay's upper, whose root looks like that of the image.
void makeFolders(const fs::path& folder, const std::vector<fs::path>& lowers) {
    fs::create_directories(folder.parent_path());
    ::chmod(folder.parent_path().c_str(), 0700);
    for (const fs::path& path : {folder, folder / "upper", folder / "work"}) {
        if (::mkdir(path.c_str(), 0700) != 0) throw SystemError("create " + path.string(), errno);
    }
    struct stat root{};
    if (!lowers.empty() && ::stat(lowers.front().c_str(), &root) == 0) {
        if (::chown((folder / "upper").c_str(), root.st_uid, root.st_gid) != 0) throw SystemError("chown", errno);
        ::chmod((folder / "upper").c_str(), root.st_mode & 07777);
    } else {
        ::chmod((folder / "upper").c_str(), 0755);
    }
}

std::string freeName(const Records& records) {
    for (int attempt = 0;; ++attempt) {
        std::string name = generateName(attempt);
        if (!records.nameTaken(name)) return name;
    }
}

void checkNameFree(const Records& records, const std::string& name) {
    if (!records.nameTaken(name)) return;
    throw Conflict(fmt::format("Conflict. The container name \"/{}\" is already in use by container \"{}\". You have to remove "
                               "(or rename) that container to be able to reuse that name.", name, records.find(name).id));
}

bool matches(const Record& record, const ContainerFilter& filter) {
    if (!filter.name.empty() && record.name.find(filter.name) == std::string::npos) return false;
    return std::all_of(filter.labels.begin(), filter.labels.end(), [&](const auto& wanted) {
        auto label = record.spec.labels.find(wanted.first);
        return label != record.spec.labels.end() && (wanted.second.empty() || label->second == wanted.second);
    });
}

/// Of one that is up; an empty Fd: it is not.
Fd networkOfLiving(const Host& host, const std::string& id) {
    Fd space = networkNamespaceOf(host, id);
    if (!space && isUp(readState(host, id))) throw Error::of("the monitor of container {} does not give its network", id);
    return space;
}

/// Files of containers that have no record.
void collectFolders(const fs::path& parent, Database& database, const Records& records) {
    std::vector<fs::path> leftovers;
    {
        // Folders are made inside transactions, so that none is between its folder and its record now.
        Database::Transaction transaction(database);
        std::error_code missing;
        for (const auto& entry : fs::directory_iterator(parent, missing)) {
            if (!records.exists(entry.path().filename())) leftovers.push_back(entry.path());
        }
    }
    for (const fs::path& leftover : leftovers) {
        tryRemoveTree(leftover);
    }
}

}  // namespace

Containers::Containers(const Host& host, Database& database, Images& images, Networks& networks, Volumes& volumes, Events& events)
    : host_(host), database_(database), images_(images), networks_(networks), volumes_(volumes), events_(events),
      reservations_(std::make_unique<Reservations>()) {}

Containers::~Containers() = default;

void Containers::collectLeftovers() {
    std::call_once(leftoversCollected_, [&] {
        Records records(database_);
        collectFolders(host_.stateDir / "containers", database_, records);
        collectFolders(host_.runDir / "containers", database_, records);
        volumes_.collectLeftovers();
    });
}

void Containers::emit(const std::string& action, const Record& record, std::map<std::string, std::string> attributes) {
    attributes.insert(record.spec.labels.begin(), record.spec.labels.end());
    attributes["name"] = record.name;
    attributes["image"] = record.spec.image;
    events_.append({timestampNow(), "container", action, record.id, std::move(attributes)});
}

Container Containers::create(ContainerSpec wanted) {
    collectLeftovers();
    Records records(database_);
    Image image = images_.get(wanted.imageId.empty() ? wanted.image : wanted.imageId);
    Record record;
    record.id = randomHex(32);
    record.spec = completeSpec(std::move(wanted), image, records);
    record.arguments = argumentsOf(record.spec, image.config);
    capabilitiesOf(record.spec, {});  // names what is unknown while nothing has been made yet
    checkBinds(record.spec);
    checkLogging(record, image.config);
    findRuntime(record.spec.runtime);
    for (NetworkAttachment& attachment : record.spec.networks) {
        if (attachment.network == "bridge") networks_.defaultBridge();
    }
    fs::path folder = host_.containerDir(record.id);
    try {
        Database::Transaction transaction(database_);
        images_.get(image.id);  // not removed meanwhile, and not from here on
        if (record.spec.name.empty()) record.spec.name = freeName(records);
        else checkNameFree(records, record.spec.name);
        record.name = record.spec.name;
        record.created = timestampNow();
        makeFolders(folder, images_.lowerFolders(image));
        writeFiles(host_, record.id, record.spec.files);
        for (MountSpec& mount : record.spec.mounts) {
            if (mount.type != MountType::Volume) continue;
            VolumeSpec volume;
            volume.name = mount.source;
            volume.labels = mount.volumeLabels;
            auto existing = mount.source.empty() ? std::nullopt : volumes_.find(mount.source);
            Volume found = existing ? *existing : volumes_.create(volume);
            mount.source = found.spec.name;
            bool plain = sourceOf(found).source == found.mountpoint.string();
            if (plain && !mount.noCopy && mount.subpath.empty()) markForFilling(found.mountpoint);
        }
        records.insert(record);
        for (const MountSpec& mount : record.spec.mounts) {
            if (mount.type == MountType::Volume) volumes_.addUser(mount.source, record.id);
        }
        for (const NetworkAttachment& attachment : record.spec.networks) networks_.attach(record.id, record.name, record.spec, attachment);
        transaction.commit();
    } catch (...) {
        tryRemoveTree(folder);
        tryRemoveTree(host_.containerRunDir(record.id));
        throw;
    }
    try {
        fillVolumes({host_, records, images_, networks_, volumes_}, record);
    } catch (const Error&) {
        try {
            removeAll({record.id}, true, true);
        } catch (const Error&) {
            // What hindered the one may hinder the other: the first is said.
        }
        throw;
    }
    emit("create", record);
    return withState({record}).front();
}

std::vector<Container> Containers::withState(std::vector<Record> records) const {
    std::map<std::string, std::vector<EndpointInfo>> endpoints;
    if (records.size() == 1) endpoints[records[0].id] = networks_.endpoints(records[0].id);
    else if (!records.empty()) endpoints = networks_.allEndpoints();
    std::vector<Container> containers;
    for (Record& record : records) {
        ContainerState state = readState(host_, record.id);
        containers.push_back({record.id, record.name, std::move(record.spec), record.created, std::move(state),
                              std::move(endpoints[record.id]), std::move(record.arguments)});
    }
    return containers;
}

std::vector<Container> Containers::list(const ContainerFilter& filter) const {
    auto project = filter.labels.find(std::string(projectLabel));
    std::vector<Record> records = Records(database_).list(project == filter.labels.end() ? "" : project->second);
    std::erase_if(records, [&](const Record& record) { return !matches(record, filter); });
    std::vector<Container> containers = withState(std::move(records));
    if (!filter.all) std::erase_if(containers, [](const Container& container) { return !isUp(container.state); });
    return containers;
}

Container Containers::find(const std::string& nameOrId) const { return withState({Records(database_).find(nameOrId)}).front(); }

void Containers::rename(const std::string& id, const std::string& given) {
    std::string name = given.starts_with('/') ? given.substr(1) : given;
    checkContainerName(name);
    Records records(database_);
    Record record;
    {
        Database::Transaction transaction(database_);
        record = records.find(id);
        if (record.name == name) throw Conflict("Renaming a container with the same name as its current name");
        checkNameFree(records, name);
        record.name = record.spec.name = name;
        records.update(record);
        networks_.renamed(record.id);
        transaction.commit();
    }
    emit("rename", record);
}

void Containers::connect(const std::string& id, const NetworkAttachment& attachment) {
    Records records(database_);
    Network network = networks_.get(attachment.network);
    Record record = records.find(id);
    const ContainerLock lock(host_, record.id);  // while it starts, its interfaces are those of before
    {
        Database::Transaction transaction(database_);
        record = records.find(record.id);
        if (!record.spec.networkMode.empty() && record.spec.networkMode != "none") {
            throw Conflict("container sharing network namespace with another container or host cannot be connected to any other network");
        }
        for (const EndpointInfo& endpoint : networks_.endpoints(record.id)) {
            if (endpoint.networkId == network.id) {
                throw Conflict(fmt::format("endpoint with name {} already exists in network {}", record.name, network.spec.name));
            }
        }
        networks_.attach(record.id, record.name, record.spec, attachment);
        record.spec.networks.push_back(attachment);
        record.spec.networkMode.clear();
        records.update(record);
        transaction.commit();
    }
    if (const Fd space = networkOfLiving(host_, record.id)) networks_.plug(record.id, network.id, space.get());
}

void Containers::disconnect(const std::string& id, const std::string& networkName, bool force) {
    Records records(database_);
    Record record = records.find(id);
    auto network = networks_.find(networkName);
    if (!network) throw NotFound("network " + networkName + " not found");
    const ContainerLock lock(host_, record.id);
    std::vector<EndpointInfo> endpoints = networks_.endpoints(record.id);
    bool attached = std::any_of(endpoints.begin(), endpoints.end(), [&](const EndpointInfo& e) { return e.networkId == network->id; });
    if (!attached && !force) {
        throw Error::of("container {} is not connected to network {}", record.id, network->spec.name);
    }
    if (attached) {
        if (const Fd space = networkOfLiving(host_, record.id)) networks_.unplug(record.id, network->id, space.get());
    }
    Database::Transaction transaction(database_);
    record = records.find(record.id);  // as others have left it
    if (attached) networks_.detach(record.id, network->id);
    std::erase_if(record.spec.networks, [&](const NetworkAttachment& a) {
        return a.network == network->spec.name || (!a.network.empty() && network->id.starts_with(a.network));
    });
    if (record.spec.networks.empty()) record.spec.networkMode = "none";
    records.update(record);
    transaction.commit();
}

}  // namespace devc::engine

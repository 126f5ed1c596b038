#include "engine/container/creation.h"

#include <algorithm>
#include <charconv>

#include "engine/container/names.h"
#include "engine/container/preparation.h"
#include "engine/error.h"

namespace devc::engine {

namespace {

bool hasTarget(const std::vector<MountSpec>& mounts, const std::string& target) {
    return std::any_of(mounts.begin(), mounts.end(), [&](const MountSpec& mount) { return mount.target == target; });
}

std::string withoutTrailingSlash(std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    return path;
}

void addVolumesFrom(ContainerSpec& spec, const Records& records) {
    for (const std::string& text : spec.volumesFrom) {
        std::string name = text.substr(0, text.find(':'));
        std::string mode = name.size() == text.size() ? "" : text.substr(name.size() + 1);
        if (!mode.empty() && mode != "ro" && mode != "rw") throw Error::of("invalid mode \"{}\" in volumes_from \"{}\"", mode, text);
        for (MountSpec mount : records.find(name).spec.mounts) {
            if (mount.type == MountType::Tmpfs || hasTarget(spec.mounts, mount.target)) continue;
            if (mode == "ro") mount.readOnly = true;
            spec.mounts.push_back(std::move(mount));
        }
    }
}

void addImageVolumes(ContainerSpec& spec, const Image& image) {
    for (const std::string& path : image.config.volumes) {
        std::string target = withoutTrailingSlash(path);
        if (hasTarget(spec.mounts, target)) continue;
        MountSpec mount;
        mount.target = target;
        spec.mounts.push_back(std::move(mount));
    }
}

void checkMounts(ContainerSpec& spec) {
    for (size_t i = 0; i < spec.mounts.size(); ++i) {
        MountSpec& mount = spec.mounts[i];
        mount.target = withoutTrailingSlash(mount.target);
        if (mount.target.empty() || mount.target[0] != '/') throw Error::of("invalid mount path: '{}' mount path must be absolute", mount.target);
        if (mount.target == "/") throw Error::of("invalid mount: destination can't be '/'");
        for (size_t j = 0; j < i; ++j) {
            if (spec.mounts[j].target == mount.target) throw Error::of("Duplicate mount point: {}", mount.target);
        }
    }
}

void exposePorts(ContainerSpec& spec, const Image& image) {
    auto add = [&](const std::string& port) {
        std::string full = port.find('/') == std::string::npos ? port + "/tcp" : port;
        if (std::find(spec.exposed.begin(), spec.exposed.end(), full) == spec.exposed.end()) spec.exposed.push_back(full);
    };
    std::vector<std::string> given = std::move(spec.exposed);
    spec.exposed.clear();
    for (const std::string& port : given) add(port);
    for (const std::string& port : image.config.exposedPorts) add(port);
    for (const PortBinding& binding : spec.ports) add(std::to_string(binding.containerPort) + "/" + binding.protocol);
}

void publishExposed(ContainerSpec& spec) {
    if (!spec.publishAllPorts) return;
    for (const std::string& exposed : spec.exposed) {
        PortBinding binding;
        size_t slash = exposed.find('/');
        std::from_chars(exposed.data(), exposed.data() + slash, binding.containerPort);
        binding.protocol = exposed.substr(slash + 1);
        bool bound = std::any_of(spec.ports.begin(), spec.ports.end(), [&](const PortBinding& other) {
            return other.containerPort == binding.containerPort && other.protocol == binding.protocol;
        });
        if (!bound && binding.containerPort) spec.ports.push_back(binding);
    }
}

void chooseNetworks(ContainerSpec& spec) {
    std::string mode = spec.networkMode;
    if (mode == "host" || mode == "none" || !joinedContainer(mode).empty()) {
        if (!joinedContainer(mode).empty() && !spec.ports.empty()) {
            throw Error::of("conflicting options: port publishing and the container type network mode");
        }
        spec.networks.clear();
        return;
    }
    if (!spec.networks.empty()) {
        spec.networkMode.clear();
    } else {
        NetworkAttachment attachment;
        attachment.network = mode.empty() || mode == "default" ? "bridge" : mode;
        spec.networkMode.clear();
        spec.networks.push_back(std::move(attachment));
    }
    if (spec.networks.front().mac.empty()) spec.networks.front().mac = spec.macAddress;
}

void resolveMode(std::string& mode, const Records& records) {
    std::string other = joinedContainer(mode);
    if (!other.empty()) mode = "container:" + records.find(other).id;
}

}  // namespace

ContainerSpec completeSpec(ContainerSpec spec, const Image& image, const Records& records) {
    spec.imageId = image.id;
    if (spec.image.empty()) spec.image = image.id;
    if (!spec.name.empty()) checkContainerName(spec.name);
    addVolumesFrom(spec, records);
    addImageVolumes(spec, image);
    checkMounts(spec);
    exposePorts(spec, image);
    publishExposed(spec);
    for (std::string* mode : {&spec.networkMode, &spec.pidMode, &spec.ipcMode}) resolveMode(*mode, records);
    chooseNetworks(spec);
    return spec;
}

}  // namespace devc::engine

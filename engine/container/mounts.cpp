#include "engine/container/mounts.h"

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

#include <fmt/format.h>

#include "engine/error.h"
#include "engine/image/images.h"
#include "engine/linux/mount.h"
#include "engine/volume/volumes.h"

namespace devc::engine {

namespace {

const char* accessOf(const MountSpec& mount) { return mount.readOnly ? "ro" : "rw"; }

std::vector<std::string> bindOptions(const MountSpec& mount) {
    return {mount.recursive ? "rbind" : "bind", mount.propagation.empty() ? "rprivate" : mount.propagation, accessOf(mount)};
}

/// A folder or file below `folder`. It is looked for now, so that what is missing is said early, but resolved again when it
/// is mounted: whoever shares the volume may have put a link in its place meanwhile.
void addSubpath(std::vector<std::string>& options, const std::string& folder, const std::string& subpath) {
    if (subpath.empty()) return;
    openInRoot(openFile(folder, O_PATH | O_DIRECTORY).get(), subpath, O_PATH);
    options.push_back("x-devc.subpath=" + subpath);
}

void checkBind(const MountSpec& mount) {
    std::error_code failed;
    if (mount.createHostPath || std::filesystem::exists(mount.source, failed)) return;
    throw Error::of("invalid mount config for type \"bind\": bind source path does not exist: {}", mount.source)
        .hint("make it, or set bind.create_host_path: true");
}

ResolvedMount bind(const MountSpec& mount) {
    std::error_code failed;
    if (!std::filesystem::exists(mount.source, failed)) {
        checkBind(mount);
        std::filesystem::create_directories(mount.source);
    }
    return {"bind", mount.source, mount.target, bindOptions(mount)};
}

ResolvedMount volume(const MountSpec& mount, const Volumes& volumes) {
    auto found = volumes.find(mount.source);
    if (!found) throw NotFound("No such volume: " + mount.source);
    VolumeSource source = sourceOf(*found);
    if (source.type == "bind") {
        if (source.source == found->mountpoint.string()) std::filesystem::create_directories(found->mountpoint);
        std::vector<std::string> options = bindOptions(mount);
        options.insert(options.end(), source.options.begin(), source.options.end());
        addSubpath(options, source.source, mount.subpath);
        return {"bind", source.source, mount.target, options};
    }
    if (!mount.subpath.empty()) {
        throw Error::of("volume {}: a subpath of a {} volume cannot be mounted", mount.source, source.type);
    }
    source.options.push_back(accessOf(mount));
    return {source.type, source.source, mount.target, source.options};
}

ResolvedMount tmpfs(const MountSpec& mount) {
    std::vector<std::string> options{"nosuid", "nodev", "noexec"};
    auto turn = [&](const std::string& off, const std::string& word) {
        std::erase(options, off);
        options.push_back(word);
    };
    for (size_t begin = 0; begin < mount.options.size();) {
        size_t end = std::min(mount.options.find(',', begin), mount.options.size());
        std::string word = mount.options.substr(begin, end - begin);
        begin = end + 1;
        if (word.empty()) continue;
        if (word == "exec" || word == "suid" || word == "dev") turn("no" + word, word);
        else turn(word, word);
    }
    if (mount.tmpfsSize) options.push_back(fmt::format("size={}", mount.tmpfsSize));
    if (mount.tmpfsMode) options.push_back(fmt::format("mode={:o}", mount.tmpfsMode));
    if (mount.readOnly) turn("rw", "ro");
    return {"tmpfs", "tmpfs", mount.target, options};
}

ResolvedMount image(const MountSpec& mount, const Images& images) {
    auto lowers = images.lowerFolders(images.get(mount.source));
    if (lowers.size() == 1 || !mount.subpath.empty()) {
        if (lowers.size() > 1) throw Error::of("image mount {}: a subpath of several layers cannot be mounted", mount.source);
        std::vector<std::string> options{"bind", "rprivate", "ro"};
        addSubpath(options, lowers.front().string(), mount.subpath);
        return {"bind", lowers.front().string(), mount.target, options};
    }
    // One option a layer: the kernel takes at most 255 characters in one.
    std::vector<std::string> options;
    for (const auto& lower : lowers) options.push_back("lowerdir+=" + lower.string());
    options.push_back("ro");
    return {"overlay", "overlay", mount.target, options};
}

}  // namespace

void checkBinds(const ContainerSpec& spec) {
    for (const MountSpec& mount : spec.mounts) {
        if (mount.type == MountType::Bind) checkBind(mount);
    }
}

std::vector<ResolvedMount> resolveMounts(const ContainerSpec& spec, const Volumes& volumes, const Images& images) {
    std::vector<ResolvedMount> resolved;
    for (const MountSpec& mount : spec.mounts) {
        try {
            switch (mount.type) {
                case MountType::Bind: resolved.push_back(bind(mount)); break;
                case MountType::Volume: resolved.push_back(volume(mount, volumes)); break;
                case MountType::Tmpfs: resolved.push_back(tmpfs(mount)); break;
                case MountType::Image: resolved.push_back(image(mount, images)); break;
            }
        } catch (Error& error) {
            throw error.during("mount {}", mount.target);
        } catch (const std::filesystem::filesystem_error& error) {
            throw Error::of("mount {}: create {}: {}", mount.target, mount.source, error.code().message());
        }
    }
    return resolved;
}

}  // namespace devc::engine

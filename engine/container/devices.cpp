#include "engine/container/devices.h"

#include <filesystem>
#include <optional>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "engine/error.h"

namespace devc::engine {

namespace fs = std::filesystem;

namespace {

std::optional<HostDevice> deviceAt(const std::string& source, const std::string& target, const std::string& permissions) {
    struct stat status{};
    if (::stat(source.c_str(), &status) != 0) return {};
    if (!S_ISCHR(status.st_mode) && !S_ISBLK(status.st_mode)) return {};
    return HostDevice{target, S_ISCHR(status.st_mode) ? 'c' : 'b', major(status.st_rdev), minor(status.st_rdev),
                      status.st_mode & 07777, status.st_uid, status.st_gid, permissions};
}

/// Folders and links of /dev that a container has of its own.
bool isOwn(const std::string& name) {
    for (const char* own : {"pts", "shm", "fd", "mqueue", "console", "ptmx", "stdin", "stdout", "stderr", "hugepages"}) {
        if (name == own) return true;
    }
    return false;
}

void addFolder(std::vector<HostDevice>& devices, const fs::path& folder, const fs::path& target, const std::string& permissions,
               bool skipOwn) {
    std::error_code gone;  // devices come and go while this runs
    for (const auto& entry : fs::directory_iterator(folder, gone)) {
        std::string name = entry.path().filename();
        if ((skipOwn && isOwn(name)) || entry.is_symlink(gone)) continue;
        if (entry.is_directory(gone)) addFolder(devices, entry.path(), target / name, permissions, false);
        else if (auto device = deviceAt(entry.path(), target / name, permissions)) devices.push_back(*device);
    }
}

}  // namespace

std::vector<HostDevice> devicesFor(const ContainerSpec& spec) {
    std::vector<HostDevice> devices;
    if (spec.privileged) {
        addFolder(devices, "/dev", "/dev", "rwm", true);
        return devices;
    }
    for (const DeviceSpec& wanted : spec.devices) {
        if (isCdiName(wanted.source)) continue;
        std::string target = wanted.target.empty() ? wanted.source : wanted.target;
        std::string permissions = wanted.permissions.empty() ? "rwm" : wanted.permissions;
        if (fs::is_directory(wanted.source)) {
            addFolder(devices, wanted.source, target, permissions, false);
        } else if (auto device = deviceAt(wanted.source, target, permissions)) {
            devices.push_back(*device);
        } else {
            throw Error::of("error gathering device information while adding custom device \"{}\": no such device", wanted.source);
        }
    }
    return devices;
}

BlockDeviceValues blockDevicesFor(const Resources& resources) {
    const auto numbers = [](const std::vector<BlockDeviceLimit>& limits) {
        std::vector<BlockDeviceValue> values;
        for (const BlockDeviceLimit& limit : limits) {
            struct stat status{};
            if (::stat(limit.path.c_str(), &status) != 0 || !S_ISBLK(status.st_mode)) throw Error::of("blkio_config: {} is no block device of this machine", limit.path);
            values.push_back({major(status.st_rdev), minor(status.st_rdev), limit.value});
        }
        return values;
    };
    return {numbers(resources.blkioWeights), numbers(resources.readBps), numbers(resources.writeBps), numbers(resources.readIops), numbers(resources.writeIops)};
}

}  // namespace devc::engine

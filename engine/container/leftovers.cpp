// What containers have on disk and in the kernel that their records do not account for.
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include <sys/mount.h>

#include "engine/container/containers.h"
#include "engine/container/records.h"
#include "engine/error.h"
#include "engine/launch/launch.h"
#include "engine/linux/cgroup.h"
#include "engine/linux/fd.h"
#include "engine/linux/remove_tree.h"

namespace devc::engine {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t idSize = 64;

/// Mounts within the folders that devc makes. It has none there itself that the machine sees: each is in a container's own
/// mount namespace. The last one made is the first.
std::vector<std::string> mountsBelow(const Host& host) {
    std::vector<std::string> found;
    std::istringstream table(readFile("/proc/self/mountinfo"));
    for (std::string line; std::getline(table, line);) {
        std::istringstream fields(line);
        std::string skipped, place;
        fields >> skipped >> skipped >> skipped >> skipped >> place;
        for (const fs::path& folder : {host.stateDir / "containers", host.stateDir / "layers", host.stateDir / "tmp", host.runDir / "containers"})
            if (place.starts_with(folder.string() + "/")) found.insert(found.begin(), place);
    }
    return found;
}

/// Control groups named by containers, in any hierarchy, with how many processes are in them.
std::map<std::string, std::size_t> cgroupsOfContainers() {
    std::map<std::string, std::size_t> found;
    for (const CgroupHierarchy& hierarchy : cgroupHierarchies()) {
        std::error_code gone;
        for (const auto& entry : fs::directory_iterator(hierarchy.mountPoint + "/devc", gone)) {
            const std::string name = entry.path().filename();
            if (name.size() == idSize && entry.is_directory(gone)) found[name] += cgroup::processesIn(entry.path()).size();
        }
    }
    return found;
}

void removeCgroup(const std::string& id) {
    for (const CgroupHierarchy& hierarchy : cgroupHierarchies()) cgroup::removeTree(hierarchy.mountPoint, "/devc/" + id);
}

}  // namespace

std::vector<Leftover> Containers::leftovers() {
    std::vector<Leftover> found;
    for (const std::string& place : mountsBelow(host_))
        found.push_back({fmt::format("the mount {}", place), [place] {
                             if (::umount2(place.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) != 0) throw SystemError("unmount " + place, errno);
                         }});
    const std::map<std::string, std::size_t> groups = cgroupsOfContainers();
    Database::Transaction transaction(database_);  // folders are made within one
    const Records records(database_);
    for (const auto& [id, processes] : groups) {
        // What neither a record nor a folder here knows is another state directory's.
        if (!fs::exists(host_.containerDir(id)) || (records.exists(id) && isUp(readState(host_, id)))) continue;
        if (processes == 0) found.push_back({fmt::format("the control group devc/{}, in which nothing runs", id), [id = id] { removeCgroup(id); }});
        else found.push_back({fmt::format("{} processes of container {}, which has ended", processes, id.substr(0, 12)), [this, id = id] { clearRemains(host_, id); }});
    }
    for (const fs::path& parent : {host_.stateDir / "containers", host_.runDir / "containers"}) {
        std::error_code missing;
        for (const auto& entry : fs::directory_iterator(parent, missing))
            if (!records.exists(entry.path().filename()))
                found.push_back({fmt::format("the folder {}, of no container", entry.path().string()), [path = entry.path()] { removeTree(path); }, true});
    }
    return found;
}

}  // namespace devc::engine

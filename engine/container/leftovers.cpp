// What containers have on disk and in the kernel that their records do not account for.
#include <algorithm>
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

struct ContainerCgroup {
    std::size_t processes = 0;
    std::string owner;  ///< tag of the state directory of who made it; empty: it was not noted
};

/// Control groups named by containers, in any hierarchy.
std::map<std::string, ContainerCgroup> cgroupsOfContainers() {
    std::map<std::string, ContainerCgroup> found;
    for (const CgroupHierarchy& hierarchy : cgroupHierarchies()) {
        std::error_code gone;
        for (const auto& entry : fs::directory_iterator(hierarchy.mountPoint + "/devc", gone)) {
            const std::string name = entry.path().filename();
            if (name.size() != idSize || !entry.is_directory(gone)) continue;
            ContainerCgroup& group = found[name];
            group.processes = std::max(group.processes, cgroup::processesIn(entry.path()).size());
            if (group.owner.empty()) group.owner = cgroup::ownerOf(entry.path());
        }
    }
    return found;
}

void removeCgroup(const std::string& id) {
    for (const CgroupHierarchy& hierarchy : cgroupHierarchies()) cgroup::removeTree(hierarchy.mountPoint, "/devc/" + id);
}

/// Those in all hierarchies, with what still runs in them.
void endCgroup(const std::string& id) {
    std::vector<std::string> warnings;
    Cgroup::create(id, {}, warnings)->killAll();
    removeCgroup(id);
}

}  // namespace

std::vector<Leftover> Containers::leftovers() {
    std::vector<Leftover> found;
    for (const std::string& place : mountsBelow(host_))
        found.push_back({fmt::format("the mount {}", place), [place] {
                             if (::umount2(place.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) != 0) throw SystemError("unmount " + place, errno);
                         }});
    const std::map<std::string, ContainerCgroup> groups = cgroupsOfContainers();
    Database::Transaction transaction(database_);  // folders are made within one
    const Records records(database_);
    const std::string own = host_.tag();
    for (const auto& [id, group] : groups) {
        const bool hasFolder = fs::exists(host_.containerDir(id));
        if (!hasFolder && group.owner != own) continue;  // another state directory's
        if (records.exists(id) && isUp(readState(host_, id))) continue;
        if (group.processes == 0) found.push_back({fmt::format("the control group devc/{}, in which nothing runs", id), [id = id] { removeCgroup(id); }});
        else if (hasFolder) found.push_back({fmt::format("{} processes of container {}, which has ended", group.processes, id.substr(0, 12)), [this, id = id] { clearRemains(host_, id); }});
        else found.push_back({fmt::format("{} processes of container {}, of which nothing else is left", group.processes, id.substr(0, 12)), [id = id] { endCgroup(id); }});
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

#include "engine/monitor/mount_options.h"

#include <string_view>
#include <sys/mount.h>

namespace devc::engine {

namespace {

struct Flag {
    std::string_view name;
    std::uint64_t set, clear;
};
constexpr Flag flags[] = {
    {"ro", MOUNT_ATTR_RDONLY, 0},        {"rw", 0, MOUNT_ATTR_RDONLY},
    {"rro", MOUNT_ATTR_RDONLY, 0},       {"rrw", 0, MOUNT_ATTR_RDONLY},
    {"nosuid", MOUNT_ATTR_NOSUID, 0},    {"suid", 0, MOUNT_ATTR_NOSUID},
    {"nodev", MOUNT_ATTR_NODEV, 0},      {"dev", 0, MOUNT_ATTR_NODEV},
    {"noexec", MOUNT_ATTR_NOEXEC, 0},    {"exec", 0, MOUNT_ATTR_NOEXEC},
    {"nodiratime", MOUNT_ATTR_NODIRATIME, 0}, {"diratime", 0, MOUNT_ATTR_NODIRATIME},
    {"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0},
    {"relatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    {"noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME},
    {"strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
    {"defaults", 0, 0}, {"async", 0, 0}, {"norelatime", 0, 0}, {"nostrictatime", 0, 0}, {"atime", 0, 0},
};

struct Propagation {
    std::string_view name;
    std::uint64_t flag;
};
constexpr Propagation propagations[] = {
    {"private", MS_PRIVATE}, {"shared", MS_SHARED}, {"slave", MS_SLAVE}, {"unbindable", MS_UNBINDABLE},
};

bool readFlag(std::string_view option, MountChange& change) {
    for (const Flag& flag : flags) {
        if (flag.name != option) continue;
        change.set = (change.set & ~flag.clear) | flag.set;
        change.clear |= flag.clear;
        change.clear &= ~flag.set | MOUNT_ATTR__ATIME;
        return true;
    }
    return false;
}

bool readPropagation(std::string_view option, MountChange& change) {
    bool recursive = option.starts_with('r');
    for (const Propagation& known : propagations) {
        if (option != known.name && !(recursive && option.substr(1) == known.name)) continue;
        change.propagation = known.flag;
        return true;
    }
    return false;
}

/// Words that say how to find or label the source, which config.json has in its own fields, or docker's own.
bool isForOthers(std::string_view option) {
    return option == "z" || option == "Z" || option == "nocopy" || option == "tmpcopyup" || option.starts_with("consistency=") ||
           option == "cached" || option == "delegated" || option == "consistent";
}

}  // namespace

MountOptions parseMountOptions(const std::vector<std::string>& options) {
    MountOptions result;
    for (const std::string& option : options) {
        if (option == "bind" || option == "rbind") {
            result.bind = true;
            result.recursive = option == "rbind";
        } else if (option.starts_with("x-devc.subpath=")) {
            result.subpath = option.substr(15);
        } else if (!readFlag(option, result.change) && !readPropagation(option, result.change) && !isForOthers(option) &&
                   !option.empty()) {
            result.data.push_back(option);
        }
    }
    return result;
}

}  // namespace devc::engine

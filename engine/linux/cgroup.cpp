#include "engine/linux/cgroup.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <csignal>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "engine/error.h"

namespace devc::engine {

namespace {

/// Only who may administer the machine can set or see it.
constexpr const char* ownerAttribute = "trusted.devc";

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (size_t begin = 0;;) {
        size_t end = text.find(separator, begin);
        parts.push_back(text.substr(begin, end - begin));
        if (end == std::string_view::npos) return parts;
        begin = end + 1;
    }
}

/// Mount options of a v1 hierarchy that are no controllers.
bool isOption(std::string_view word) {
    return word == "rw" || word == "ro" || word == "xattr" || word == "clone_children" || word == "noprefix" ||
           word == "cpuset_v2_mode" || word.starts_with("release_agent=") || word == "favordynmods";
}

}  // namespace

std::vector<CgroupHierarchy> cgroupHierarchies() {
    std::vector<CgroupHierarchy> found;
    std::string mounts = readFile("/proc/self/mountinfo");
    for (std::string_view line : split(mounts, '\n')) {
        size_t dash = line.find(" - cgroup");
        if (dash == std::string_view::npos) continue;
        std::vector<std::string_view> left = split(line.substr(0, dash), ' '), right = split(line.substr(dash + 3), ' ');
        if (left.size() < 5 || right.size() < 3) continue;
        CgroupHierarchy hierarchy;
        hierarchy.mountPoint = left[4];
        if (right[0] == "cgroup") {
            for (std::string_view word : split(right[2], ',')) {
                if (word.starts_with("name=")) hierarchy.name = word.substr(5);
                else if (!isOption(word)) hierarchy.controllers.emplace_back(word);
            }
        } else if (right[0] != "cgroup2") {
            continue;
        }
        found.push_back(std::move(hierarchy));
    }
    return found;
}

std::unique_ptr<Cgroup> Cgroup::create(const std::string& path, const CgroupLimits& limits, std::vector<std::string>& warnings) {
    const std::vector<CgroupHierarchy> hierarchies = cgroupHierarchies();
    const std::string normal = cgroup::normalize(path);
    if (const CgroupHierarchy* unified = cgroup::unified(hierarchies)) return cgroup::createV2(*unified, normal, limits, warnings);
    return cgroup::createV1(hierarchies, normal, limits, warnings);
}

std::unique_ptr<Cgroup> Cgroup::of(pid_t process, std::string_view name) {
    const std::vector<CgroupHierarchy> hierarchies = cgroupHierarchies();
    const std::string membership = cgroup::upTo(name, readFile("/proc/" + std::to_string(process) + "/cgroup"));
    const CgroupHierarchy* unified = cgroup::unified(hierarchies);
    if (!unified && !hierarchies.empty()) return cgroup::openV1(hierarchies, membership);
    for (std::string_view line : split(membership, '\n')) {
        if (line.starts_with("0::") && unified) return cgroup::openV2(*unified, std::string(line.substr(3)));
    }
    throw Error::of("process {} is in no control group", process);
}

namespace cgroup {

const CgroupHierarchy* unified(const std::vector<CgroupHierarchy>& hierarchies) {
    const CgroupHierarchy* found = nullptr;
    for (const CgroupHierarchy& hierarchy : hierarchies) {
        if (std::find(hierarchy.controllers.begin(), hierarchy.controllers.end(), "devices") != hierarchy.controllers.end()) return nullptr;
        if (!found && hierarchy.controllers.empty() && hierarchy.name.empty()) found = &hierarchy;
    }
    return found;
}

std::vector<std::string> controllers(const std::vector<CgroupHierarchy>& hierarchies) {
    std::vector<std::string> names;
    if (const CgroupHierarchy* v2 = unified(hierarchies)) {
        const std::string text = get(v2->mountPoint, "cgroup.controllers");
        for (std::string_view name : split(std::string_view(text).substr(0, text.find('\n')), ' '))
            if (!name.empty()) names.emplace_back(name);
        return names;
    }
    for (const CgroupHierarchy& hierarchy : hierarchies) names.insert(names.end(), hierarchy.controllers.begin(), hierarchy.controllers.end());
    return names;
}

bool hasController(std::string_view name) {
    const std::vector<std::string> present = controllers(cgroupHierarchies());
    return std::find(present.begin(), present.end(), name) != present.end();
}

std::string cannotSet(const std::string& file) {
    return fmt::format("this machine cannot set {}: the limit is ignored (`devc doctor` says which controllers are missing)", file);
}

void enter(const std::vector<Fd>& doors) {
    for (const Fd& door : doors) {
        if (::write(door.get(), "0", 1) < 0) throw SystemError("join the container's control groups", errno);
    }
}

void set(const std::string& folder, const char* file, const std::string& value) {
    std::string path = folder + "/" + file;
    int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    Fd owned(descriptor);
    if (descriptor < 0 || ::write(descriptor, value.data(), value.size()) < 0)
        throw SystemError(fmt::format("set {} of the control group to {}", file, value), errno);
}

std::string get(const std::string& folder, const char* file) {
    Fd owned(::open((folder + "/" + file).c_str(), O_RDONLY | O_CLOEXEC));
    std::string text;
    char chunk[4096];
    while (owned) {
        const ssize_t got = readSome(owned.get(), chunk, sizeof chunk);
        if (got <= 0) break;
        text.append(chunk, static_cast<size_t>(got));
    }
    return text;
}

std::uint64_t number(const std::string& text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::uint64_t field(const std::string& text, std::string_view key) {
    for (std::string_view line : split(text, '\n')) {
        if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != ' ') continue;
        return number(std::string(line.substr(key.size() + 1)));
    }
    return 0;
}

std::vector<pid_t> processesIn(const std::string& folder) {
    std::vector<pid_t> found;
    const std::string text = get(folder, "cgroup.procs");
    for (std::string_view line : split(text, '\n')) {
        if (std::uint64_t pid = number(std::string(line))) found.push_back(static_cast<pid_t>(pid));
    }
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
        if (!entry.is_directory(ignored)) continue;
        std::vector<pid_t> below = processesIn(entry.path());
        found.insert(found.end(), below.begin(), below.end());
    }
    return found;
}

std::string ownerOf(const std::string& folder) {
    char owner[PATH_MAX];
    const ssize_t size = ::getxattr(folder.c_str(), ownerAttribute, owner, sizeof owner);
    return {owner, size > 0 ? static_cast<size_t>(size) : 0};
}

void mark(const std::string& folder, const std::string& owner) {
    // A group without it is never taken for a leftover, that is all.
    (void)::setxattr(folder.c_str(), ownerAttribute, owner.data(), owner.size(), 0);
}

void make(const std::string& mountPoint, const std::string& path) {
    std::string full = mountPoint + path;
    for (int attempt = 0; attempt < 100; ++attempt) {
        if (::mkdir(full.c_str(), 0755) == 0 || errno == EEXIST) return;
        if (errno != ENOENT) break;
        for (size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
            ::mkdir((mountPoint + path.substr(0, slash)).c_str(), 0755);
        }
    }
    throw SystemError("make the control group " + full, errno);
}

void whileThere(const std::string& folder, const std::function<void()>& work) {
    try {
        work();
    } catch (const SystemError&) {
        if (::access(folder.c_str(), F_OK) == 0) throw;
    }
}

void removeTree(const std::string& mountPoint, const std::string& path) {
    std::string full = mountPoint + path;
    if (::rmdir(full.c_str()) != 0 && errno != ENOENT) {
        std::error_code ignored;
        for (const auto& entry : std::filesystem::directory_iterator(full, ignored)) {
            if (entry.is_directory(ignored)) removeTree(mountPoint, path + "/" + entry.path().filename().string());
        }
        // An ended process leaves its group a moment after it can be waited for; the kernel tells nobody when.
        for (int attempt = 0; ::rmdir(full.c_str()) != 0 && errno == EBUSY && attempt < 200; ++attempt) ::usleep(500);
    }
    if (!path.starts_with("/devc/")) return;
    for (std::string parent = path.substr(0, path.rfind('/')); parent.size() > 1; parent.resize(parent.rfind('/'))) {
        if (::rmdir((mountPoint + parent).c_str()) != 0) return;  // others are in it
    }
}

std::string upTo(std::string_view name, const std::string& membership) {
    if (name.empty()) return membership;
    const std::string folder = fmt::format("/{}/", name);
    std::string lines;
    for (std::string_view line : split(membership, '\n')) {
        if (line.empty()) continue;
        const size_t at = (std::string(line) + "/").find(folder);
        lines += at == std::string::npos ? line : line.substr(0, at + folder.size() - 1);
        lines += '\n';
    }
    return lines;
}

std::string normalize(const std::string& path) {
    std::string out;
    for (std::string_view part : split(path, '/')) {
        if (part.empty() || part == ".") continue;
        if (part == "..") throw Error::of("invalid control group path {}", path);
        out += "/" + std::string(part);
    }
    if (out.empty()) throw Error::of("invalid control group path {}", path);
    return path.starts_with('/') ? out : "/devc" + out;
}

}  // namespace cgroup

}  // namespace devc::engine

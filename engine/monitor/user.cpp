#include "engine/monitor/user.h"

#include <algorithm>
#include <charconv>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/linux/mount.h"

namespace devc::engine {

namespace {

/// Larger than any sensible passwd file; what is beyond is not read.
constexpr size_t maximumFileSize = 4 << 20;

std::string readInRoot(int root, const char* path) {
    Fd file;
    try {
        // The image may have a device there, which does something when it is opened.
        struct stat about{};
        const Fd found = tryOpenInRoot(root, path, O_PATH);
        if (!found || ::fstat(found.get(), &about) != 0 || !S_ISREG(about.st_mode)) return {};
        file = tryOpenInRoot(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    } catch (const SystemError&) {
        return {};  // unreadable counts as missing, as with docker
    }
    std::string text;
    char chunk[16384];
    ssize_t got;
    while (file && text.size() < maximumFileSize && (got = ::read(file.get(), chunk, sizeof chunk)) > 0) text.append(chunk, static_cast<size_t>(got));
    return text;
}

/// Fields of the lines of a file of `count` fields separated by ':'.
template <typename Visit>
void eachEntry(std::string_view text, size_t count, Visit visit) {
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        std::vector<std::string_view> fields;
        for (size_t begin = 0; fields.size() <= count;) {
            size_t end = line.find(':', begin);
            fields.push_back(line.substr(begin, end - begin));
            if (end == std::string_view::npos) break;
            begin = end + 1;
        }
        fields.resize(std::max(fields.size(), count));
        if (!fields[0].empty() && fields[0].front() != '#' && visit(fields)) return;
    }
}

std::optional<unsigned> number(std::string_view text) {
    unsigned value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    // The largest number means "leave as it is" to setuid.
    if (error != std::errc{} || end != text.data() + text.size() || value > 0x7fffffffU) return {};
    return value;
}

bool lists(std::string_view members, std::string_view name) {
    while (!members.empty()) {
        std::string_view member = members.substr(0, members.find(','));
        members.remove_prefix(std::min(members.size(), member.size() + 1));
        if (member == name) return true;
    }
    return false;
}

gid_t findGroup(std::string_view file, const std::string& group) {
    std::optional<unsigned> found;
    eachEntry(file, 4, [&](const auto& fields) {
        if (fields[0] == group) found = number(fields[2]);
        return found.has_value();
    });
    if (!found) found = number(group);
    if (!found) throw Error::of("unable to find group {}: no matching entries in group file", group).status(126);
    return *found;
}

}  // namespace

ContainerUser findUser(int root, const std::string& user, const std::vector<std::string>& additionalGroups) {
    std::string name = user.substr(0, user.find(':')), group;
    if (size_t colon = user.find(':'); colon != std::string::npos) group = user.substr(colon + 1);
    if (name.empty()) name = "0";
    std::string passwd = readInRoot(root, "/etc/passwd");

    ContainerUser result;
    std::string entryName;
    bool hasEntry = false;
    std::optional<unsigned> wanted = number(name);
    eachEntry(passwd, 7, [&](const auto& fields) {
        std::optional<unsigned> uid = number(fields[2]);
        if (!uid || !(fields[0] == name || (wanted && *uid == *wanted))) return false;
        result.uid = *uid;
        result.gid = number(fields[3]).value_or(0);
        if (!fields[5].empty()) result.home = std::string(fields[5]);
        entryName = std::string(fields[0]);
        return hasEntry = true;
    });
    if (!hasEntry) {
        if (!wanted) throw Error::of("unable to find user {}: no matching entries in passwd file", name).status(126);
        result.uid = *wanted;
    }
    if (group.empty() && !hasEntry && additionalGroups.empty()) {
        result.groups = {result.gid};
        return result;
    }

    std::string groups = readInRoot(root, "/etc/group");
    if (!group.empty()) {
        result.gid = findGroup(groups, group);
    } else if (hasEntry) {
        eachEntry(groups, 4, [&](const auto& fields) {
            std::optional<unsigned> gid = number(fields[2]);
            if (gid && lists(fields[3], entryName)) result.groups.push_back(*gid);
            return false;
        });
    }
    for (const std::string& additional : additionalGroups) result.groups.push_back(findGroup(groups, additional));
    std::sort(result.groups.begin(), result.groups.end());
    result.groups.erase(std::unique(result.groups.begin(), result.groups.end()), result.groups.end());
    // The own group is among them too: a file that shuts it out must not open by leaving it (CVE-2022-36109).
    std::erase(result.groups, result.gid);
    result.groups.insert(result.groups.begin(), result.gid);
    return result;
}

}  // namespace devc::engine

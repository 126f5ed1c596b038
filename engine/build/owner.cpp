#include "engine/build/owner.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/linux/mount.h"
#include "engine/linux/plain_file.h"

namespace devc::engine::build {

namespace {

std::string readInRoot(int root, const char* path) {
    // The image may have a device there, which does something when it is opened.
    const Fd found = tryOpenInRoot(root, path, O_PATH), fd = found ? tryReopenFile(found.get()) : Fd();
    std::string text;
    if (!fd) return text;
    char buffer[8192];
    for (ssize_t n; (n = read(fd.get(), buffer, sizeof buffer)) > 0 && text.size() < (4U << 20);) text.append(buffer, static_cast<std::size_t>(n));
    return text;
}

/// The fields of the line that begins with "name:".
std::optional<std::vector<std::string>> row(const std::string& table, std::string_view name) {
    std::string_view rest = table;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(rest.size(), end + 1));
        if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != ':') continue;
        std::vector<std::string> fields;
        while (true) {
            const std::size_t colon = line.find(':');
            fields.emplace_back(line.substr(0, colon));
            if (colon == std::string_view::npos) break;
            line.remove_prefix(colon + 1);
        }
        return fields;
    }
    return std::nullopt;
}

/// Any whole number, its lowest 32 bits: what BuildKit takes.
std::optional<std::uint32_t> numericId(std::string_view text) {
    if (!text.empty() && text.front() == '+') text.remove_prefix(1);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return static_cast<std::uint32_t>(value);
}

}  // namespace

Owner lookUpOwner(int root, std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view user = text.substr(0, colon);
    Owner owner;
    if (const auto id = numericId(user)) {
        owner = {*id, *id};
    } else if (!user.empty()) {
        const auto fields = row(readInRoot(root, "/etc/passwd"), user);
        const auto uid = fields && fields->size() > 3 ? numericId((*fields)[2]) : std::nullopt;
        const auto gid = fields && fields->size() > 3 ? numericId((*fields)[3]) : std::nullopt;
        if (uid && gid) owner = {*uid, *gid};
    }
    if (colon == std::string_view::npos) return owner;
    const std::string_view group = text.substr(colon + 1);
    if (group.empty()) {
        owner.group = 0;
    } else if (const auto id = numericId(group)) {
        owner.group = *id;
    } else {
        const auto fields = row(readInRoot(root, "/etc/group"), group);
        const auto gid = fields && fields->size() > 2 ? numericId((*fields)[2]) : std::nullopt;
        if (gid) owner.group = *gid;
    }
    return owner;
}

bool hasNames(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view user = text.substr(0, colon), group = colon == std::string_view::npos ? "" : text.substr(colon + 1);
    return (!user.empty() && !numericId(user)) || (!group.empty() && !numericId(group));
}

}  // namespace devc::engine::build

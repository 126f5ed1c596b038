#include "engine/monitor/name_directory.h"

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <set>
#include <strings.h>
#include <sys/stat.h>

#include "engine/error.h"

namespace devc::engine {

namespace {

bool same(std::string_view a, std::string_view b) { return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0; }

bool has(const NameEntry& entry, std::string_view name) {
    return same(entry.containerName, name) || std::any_of(entry.names.begin(), entry.names.end(), [&](const std::string& own) { return same(own, name); });
}

void collect(const NameTable& table, std::string_view name, bool& known, std::vector<IpAddress>& addresses) {
    for (const NameEntry& entry : table.entries) {
        if (!has(entry, name)) continue;
        known = true;
        for (const std::string& text : {entry.ipv4, entry.ipv6}) {
            auto address = IpAddress::parse(text);
            if (address && std::find(addresses.begin(), addresses.end(), *address) == addresses.end()) addresses.push_back(*address);
        }
    }
}

}  // namespace

bool NameDirectory::Stamp::operator==(const Stamp& other) const {
    return inode == other.inode && size == other.size && modified.tv_sec == other.modified.tv_sec && modified.tv_nsec == other.modified.tv_nsec;
}

NameDirectory::NameDirectory(std::string folder, std::string containerId, std::map<std::string, std::string> links)
    : folder_(std::move(folder)), containerId_(std::move(containerId)) {
    for (auto& [alias, target] : links) {
        std::string lower = alias;
        std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        links_[lower] = target;
    }
}

/// The folder as it is now; nullopt: there is none.
std::optional<NameDirectory::Stamp> NameDirectory::look() {
    struct stat folder{};
    // One that was removed has no links any more: another may be in its place.
    if (!opened_ || ::fstat(opened_.get(), &folder) != 0 || folder.st_nlink == 0) {
        opened_ = Fd(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!opened_ || ::fstat(opened_.get(), &folder) != 0) return {};
    }
    return Stamp{folder.st_ino, folder.st_mtim, folder.st_size};
}

bool NameDirectory::refresh() {
    const auto now = look();
    if (now && *now == seen_) return false;
    seen_ = now.value_or(Stamp{});
    if (!now) tables_.clear();
    if (!now) return true;
    std::set<std::string> seen;
    std::error_code failure;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, failure)) {
        std::string network = entry.path().filename().string(), path = entry.path().string() + "/names";
        struct stat about{};
        if (::stat(path.c_str(), &about) != 0) continue;
        seen.insert(network);
        Table& table = tables_[network];
        // Each version of the file is another one, renamed into its place.
        Stamp stamp{about.st_ino, about.st_mtim, about.st_size};
        if (stamp == table.stamp) continue;
        try {
            table.content = decodeNameTable(readFile(path));
        } catch (const SystemError&) {
            continue;  // the network has just been removed
        }
        table.stamp = stamp;
        const auto& entries = table.content->entries;
        if (std::none_of(entries.begin(), entries.end(), [&](const NameEntry& e) { return e.id == containerId_; })) table.content.reset();
    }
    std::erase_if(tables_, [&](const auto& table) { return !seen.contains(table.first); });
    return true;
}

std::optional<std::vector<IpAddress>> NameDirectory::addressesOf(const std::string& name) const {
    if (name.empty()) return {};
    auto link = links_.find(name);
    if (link != links_.end()) {
        if (auto found = find(link->second)) return found;
    }
    return find(name);
}

std::optional<std::vector<IpAddress>> NameDirectory::find(std::string_view name) const {
    bool known = false;
    std::vector<IpAddress> addresses;
    for (const auto& [folder, table] : tables_) {
        if (!table.content) continue;
        collect(*table.content, name, known, addresses);
        const std::string& network = table.content->network;
        bool isQualified = name.size() > network.size() + 1 && name[name.size() - network.size() - 1] == '.' &&
                           same(name.substr(name.size() - network.size()), network);
        if (isQualified) collect(*table.content, name.substr(0, name.size() - network.size() - 1), known, addresses);
    }
    if (!known) return {};
    return addresses;
}

std::string NameDirectory::nameOf(const IpAddress& address) const {
    for (const auto& [folder, table] : tables_) {
        if (!table.content) continue;
        for (const NameEntry& entry : table.content->entries) {
            for (const std::string& text : {entry.ipv4, entry.ipv6}) {
                if (IpAddress::parse(text) == address) return entry.containerName + "." + table.content->network;
            }
        }
    }
    return {};
}

}  // namespace devc::engine

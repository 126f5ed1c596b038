#include "engine/volume/volumes.h"

#include <algorithm>
#include <cerrno>
#include <set>
#include <sys/stat.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/digest.h"
#include "engine/error.h"
#include "engine/linux/remove_tree.h"
#include "engine/timestamp.h"

namespace devc::engine {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view columns = "name, driver, created, anonymous, labels, options";
constexpr std::string_view removedPrefix = ".removed-";

std::map<std::string, std::string> mapFrom(const std::string& text) {
    return nlohmann::json::parse(text).get<std::map<std::string, std::string>>();
}

Volume volumeFrom(const Statement& row, const Host& host) {
    Volume volume;
    volume.spec.name = row.text(0);
    volume.spec.driver = row.text(1);
    volume.created = row.text(2);
    volume.anonymous = row.integer(3) != 0;
    volume.spec.labels = mapFrom(row.text(4));
    volume.spec.driverOptions = mapFrom(row.text(5));
    volume.mountpoint = host.volumeDir(volume.spec.name);
    return volume;
}

bool isNameCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

void checkName(const std::string& name) {
    bool valid = name.size() >= 2 && name.size() <= 255 && name[0] != '_' && name[0] != '.' && name[0] != '-' &&
                 std::all_of(name.begin(), name.end(), isNameCharacter);
    if (!valid) {
        throw Error::of("create {0}: \"{0}\" is not a valid volume name", name)
            .hint("letters, digits, '_', '.', '-', at least two, the first a letter or digit; a host folder must be given as "
                  "an absolute path");
    }
}

void checkSpec(const VolumeSpec& spec) {
    if (spec.driver != "local") {
        throw Error::of("volume {}: there is no volume driver \"{}\"", spec.name, spec.driver).hint("the driver is \"local\"");
    }
    for (const auto& [key, value] : spec.driverOptions) {
        if (key != "type" && key != "o" && key != "device" && key != "size") {
            throw Error::of("volume {}: invalid option \"{}\"", spec.name, key).hint("the local driver has type, device, o");
        }
    }
}

/// Folder and _data, searchable by the container's users. The mode below stateDir (0700) keeps others out.
void makeFolder(const fs::path& data) {
    fs::path folder = data.parent_path();
    fs::create_directories(folder.parent_path());
    // What lies here without a record is a leftover of a killed command: its content must not come back.
    removeTree(folder);
    for (const fs::path& path : {folder, data}) {
        if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) throw SystemError("create " + path.string(), errno);
        ::chmod(path.c_str(), 0755);
    }
}

void insert(Database& database, const Volume& volume) {
    const VolumeSpec& spec = volume.spec;
    database.prepare("INSERT INTO volumes (name, driver, created, anonymous, labels, options) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(spec.name).bind(spec.driver).bind(volume.created).bind(std::int64_t{volume.anonymous})
        .bind(nlohmann::json(spec.labels).dump()).bind(nlohmann::json(spec.driverOptions).dump()).run();
}

}  // namespace

VolumeSource sourceOf(const Volume& volume) {
    const auto& given = volume.spec.driverOptions;
    auto option = [&](const char* key) {
        auto found = given.find(key);
        return found == given.end() ? std::string() : found->second;
    };
    VolumeSource source{option("type"), option("device"), {}};
    std::string words = option("o");
    bool bind = source.type == "bind";
    for (size_t begin = 0; begin < words.size();) {
        size_t end = std::min(words.find(',', begin), words.size());
        std::string word = words.substr(begin, end - begin);
        if (word == "bind" || word == "rbind") bind = true;
        else if (!word.empty()) source.options.push_back(word);
        begin = end + 1;
    }
    if (source.source.empty()) return {"bind", volume.mountpoint.string(), {}};
    if (bind || source.type == "none") source.type = "bind";
    return source;
}

Volumes::Volumes(const Host& host, Database& database) : host_(host), database_(database) {}

Volume Volumes::create(const VolumeSpec& wanted) {
    VolumeSpec spec = wanted;
    bool anonymous = spec.name.empty();
    if (anonymous) {
        spec.name = randomHex(32);
        spec.labels.emplace("com.docker.volume.anonymous", "");
    }
    if (spec.driver.empty() || spec.driver == "default") spec.driver = "local";
    checkName(spec.name);
    checkSpec(spec);
    Database::Transaction transaction(database_, Database::Durability::PowerCut);
    if (auto existing = find(spec.name)) {
        bool differs = !spec.driverOptions.empty() && existing->spec.driverOptions != spec.driverOptions;
        if (existing->spec.driver != spec.driver || differs) {
            throw Conflict(fmt::format("a volume named {} exists with other driver options", spec.name))
                .hint("remove it first (`devc volume rm`) or choose another name");
        }
        return *existing;
    }
    Volume volume{spec, timestampNow(), anonymous, host_.volumeDir(spec.name)};
    makeFolder(volume.mountpoint);
    insert(database_, volume);
    transaction.commit();
    return volume;
}

std::optional<Volume> Volumes::find(const std::string& name) const {
    Database::Lock lock(database_);
    Statement query = database_.prepare(fmt::format("SELECT {} FROM volumes WHERE name = ?", columns));
    if (!query.bind(name).step()) return {};
    return volumeFrom(query, host_);
}

std::vector<Volume> Volumes::list() const {
    Database::Lock lock(database_);
    std::vector<Volume> volumes;
    Statement query = database_.prepare(fmt::format("SELECT {} FROM volumes ORDER BY name", columns));
    while (query.step()) volumes.push_back(volumeFrom(query, host_));
    return volumes;
}

std::vector<std::string> Volumes::users(const std::string& name) const {
    Database::Lock lock(database_);
    std::vector<std::string> names;
    Statement query = database_.prepare(
        "SELECT containers.name FROM volume_users JOIN containers ON containers.id = container WHERE volume = ? ORDER BY 1");
    query.bind(name);
    while (query.step()) names.push_back(query.text(0));
    return names;
}

void Volumes::addUser(const std::string& name, const std::string& containerId) {
    database_.prepare("INSERT OR IGNORE INTO volume_users (volume, container) VALUES (?, ?)").bind(name).bind(containerId).run();
}

std::vector<std::string> Volumes::usedBy(const std::string& containerId) const {
    Database::Lock lock(database_);
    std::vector<std::string> names;
    Statement query = database_.prepare("SELECT volume FROM volume_users WHERE container = ?");
    query.bind(containerId);
    while (query.step()) names.push_back(query.text(0));
    return names;
}

void Volumes::remove(const std::string& name, bool force) {
    fs::path folder = host_.volumeDir(name).parent_path();
    fs::path aside = folder.parent_path() / (std::string(removedPrefix) + randomHex(8));
    {
        Database::Transaction transaction(database_, Database::Durability::PowerCut);
        if (!find(name)) {
            if (force) return;
            throw NotFound("No such volume: " + name);
        }
        std::vector<std::string> names = users(name);
        if (!names.empty()) {
            throw Conflict(fmt::format("remove {}: volume is in use", name))
                .detail(fmt::format("used by {}", fmt::join(names, ", ")));
        }
        database_.prepare("DELETE FROM volumes WHERE name = ?").bind(name).run();
        // Out of the way before the name is free again: a new volume of that name must not find old files.
        std::error_code missing;
        fs::rename(folder, aside, missing);
        transaction.commit();
    }
    removeTree(aside);
}

std::vector<std::string> Volumes::forgetUnused(const std::vector<std::string>& names) {
    std::vector<std::string> forgotten;
    for (const std::string& name : names) {
        const std::optional<Volume> volume = find(name);
        if (!volume || !volume->anonymous || !users(name).empty()) continue;
        database_.prepare("DELETE FROM volumes WHERE name = ?").bind(name).run();
        forgotten.push_back(name);
    }
    return forgotten;
}

void Volumes::removeFolders(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        tryRemoveTree(host_.volumeDir(name).parent_path());  // what is left is collected later
    }
}

nlohmann::json Volumes::inspect(const std::string& name) const {
    auto volume = find(name);
    if (!volume) throw NotFound("No such volume: " + name);
    auto orNull = [](const std::map<std::string, std::string>& map) { return map.empty() ? nlohmann::json() : nlohmann::json(map); };
    return {{"CreatedAt", volume->created}, {"Driver", volume->spec.driver}, {"Labels", orNull(volume->spec.labels)},
            {"Mountpoint", volume->mountpoint.string()}, {"Name", volume->spec.name},
            {"Options", orNull(volume->spec.driverOptions)}, {"Scope", "local"}};
}

std::vector<std::string> Volumes::prune(bool all) {
    std::vector<std::string> removed;
    for (const Volume& volume : list()) {
        if (!all && !volume.anonymous) continue;
        try {
            remove(volume.spec.name, true);
            removed.push_back(volume.spec.name);
        } catch (const Conflict&) {
            // In use, perhaps since a moment ago: not ours to remove.
        }
    }
    return removed;
}

std::vector<std::string> Volumes::adoptFolders() {
    std::vector<std::string> adopted;
    Database::Transaction transaction(database_, Database::Durability::PowerCut);
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator(host_.stateDir / "volumes", missing)) {
        VolumeSpec spec;
        spec.name = entry.path().filename();
        spec.driver = "local";
        if (spec.name.starts_with(removedPrefix) || find(spec.name)) continue;
        insert(database_, {spec, timestampNow(), false, host_.volumeDir(spec.name)});
        adopted.push_back(spec.name);
    }
    transaction.commit();
    return adopted;
}

void Volumes::collectLeftovers() {
    fs::path parent = host_.stateDir / "volumes";
    std::vector<fs::path> leftovers;
    {
        // Folders are made inside transactions, so that none is between its folder and its record now.
        Database::Transaction transaction(database_);
        std::error_code missing;
        for (const auto& entry : fs::directory_iterator(parent, missing)) {
            std::string name = entry.path().filename();
            if (name.starts_with(removedPrefix)) {
                leftovers.push_back(entry.path());
            } else if (!find(name)) {
                fs::path aside = parent / (std::string(removedPrefix) + randomHex(8));
                fs::rename(entry.path(), aside);
                leftovers.push_back(aside);
            }
        }
    }
    for (const fs::path& leftover : leftovers) {
        tryRemoveTree(leftover);
    }
}

}  // namespace devc::engine

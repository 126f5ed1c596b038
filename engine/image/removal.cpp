#include <fcntl.h>
#include <filesystem>
#include <set>
#include <sys/file.h>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/image/images.h"
#include "engine/linux/own_folder.h"
#include "engine/linux/remove_tree.h"

namespace devc::engine {

using nlohmann::json;

namespace {

std::string hexOf(const std::string& digest) { return digest.starts_with("sha256:") ? digest.substr(7) : digest; }

std::optional<std::string> containerUsing(Database& database, const std::string& imageId) {
    Statement row = database.prepare("SELECT id FROM containers WHERE image_id = ? LIMIT 1");
    row.bind(imageId);
    if (!row.step()) return std::nullopt;
    return row.text(0);
}

std::vector<std::string> column(Database& database, const char* sql) {
    std::vector<std::string> values;
    Statement rows = database.prepare(sql);
    while (rows.step()) values.push_back(rows.text(0));
    return values;
}

std::uint64_t sizeOf(const std::filesystem::path& place) {
    std::error_code ignored;
    std::uint64_t size = std::filesystem::file_size(place, ignored);
    return ignored ? 0 : size;
}

std::uint64_t sizeBelow(const std::filesystem::path& folder) {
    std::uint64_t bytes = 0;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, ignored)) {
        if (entry.is_regular_file(ignored) && !entry.is_symlink(ignored)) bytes += sizeOf(entry.path());
    }
    return bytes;
}

}  // namespace

std::vector<std::string> Images::remove(const std::string& referenceOrId, bool force) {
    std::vector<std::string> lines;
    {
        Database::Transaction transaction(database_, Database::Durability::PowerCut);
        const Image image = get(referenceOrId);
        bool byId = image.id.find(referenceOrId) != std::string::npos && referenceOrId.find_first_of(":/@") == std::string::npos;
        byId = byId || referenceOrId == image.id;
        std::vector<std::string> untag;
        if (byId) {
            untag = image.references;
            if (untag.size() > 1 && !force)
                throw Conflict(fmt::format("unable to delete {} (must be forced) - image is referenced in multiple repositories", hexOf(image.id).substr(0, 12)));
        } else {
            untag.push_back(Reference::parse(referenceOrId).normalized());
        }
        bool last = image.references.size() <= untag.size();
        if (last)
            if (auto user = containerUsing(database_, image.id); user && !(force && !byId))
                throw Conflict(fmt::format("unable to remove repository reference \"{}\" (must force) - container {} is using its referenced image {}",
                                           referenceOrId, user->substr(0, 12), hexOf(image.id).substr(0, 12)))
                    .hint("remove the container first");
        for (const std::string& reference : untag) {
            database_.prepare("DELETE FROM image_references WHERE reference = ?").bind(reference).run();
            lines.push_back("Untagged: " + Reference::parse(reference).familiar());
        }
        if (last && !containerUsing(database_, image.id)) {
            for (const std::string& digest : image.repositoryDigests) lines.push_back("Untagged: " + Reference::parse(digest).familiar());
            database_.prepare("DELETE FROM image_references WHERE image_id = ?").bind(image.id).run();
            database_.prepare("DELETE FROM images WHERE id = ?").bind(image.id).run();
            lines.push_back("Deleted: " + image.id);
        }
        transaction.commit();
    }
    sweep();
    return lines;
}

std::uint64_t Images::collect(bool allUnused) {
    {
        Database::Transaction transaction(database_, Database::Durability::PowerCut);
        const char* unused = allUnused ? "SELECT id FROM images WHERE id NOT IN (SELECT image_id FROM containers)"
                                       : "SELECT id FROM images WHERE id NOT IN (SELECT image_id FROM containers) AND id NOT IN "
                                         "(SELECT image_id FROM image_references WHERE instr(reference, '@') = 0)";
        for (const std::string& id : column(database_, unused)) {
            database_.prepare("DELETE FROM image_references WHERE image_id = ?").bind(id).run();
            database_.prepare("DELETE FROM images WHERE id = ?").bind(id).run();
        }
        transaction.commit();
    }
    return sweep();
}

std::vector<std::string> Images::unreachedLayers() {
    Database::Transaction transaction(database_);
    std::vector<std::string> layers =
        column(database_, "SELECT chain_id FROM layers WHERE chain_id NOT IN (SELECT chain_id FROM layer_pins) AND chain_id NOT IN "
                          "(SELECT value FROM images, json_each(images.chain_ids))");
    for (const std::string& chain : layers) database_.prepare("DELETE FROM layers WHERE chain_id = ?").bind(chain).run();
    transaction.commit();
    return layers;
}

namespace {

/// File names below blobs/ that images and layers need. Manifests may name other blobs of a layer than its row does.
std::set<std::string> reachedBlobs(const Host& host, Database& database) {
    std::set<std::string> kept;
    Database::Lock lock(database);
    for (const std::string& digest : column(database, "SELECT blob_digest FROM layers UNION SELECT id FROM images")) kept.insert(hexOf(digest));
    for (const std::string& digest : column(database, "SELECT manifest_digest FROM images")) {
        kept.insert(hexOf(digest));
        json manifest = json::parse(readFile((host.blobs() / hexOf(digest)).string()), nullptr, false);
        if (!manifest.is_object()) continue;
        for (const json& layer : manifest.value("layers", json::array())) kept.insert(hexOf(layer.value("digest", "")));
    }
    return kept;
}

/// Where transfers have folders of their own for what is not complete, and sweeps what is so no more.
std::filesystem::path unfinishedOf(const Host& host) { return host.stateDir / "tmp"; }

/// Moved aside first: what is under layers/ is complete at every instant.
void removeFolder(const Host& host, const std::filesystem::path& folder) {
    std::error_code ignored;
    const std::filesystem::path aside = unfinishedOf(host) / ("gone-" + folder.filename().string());
    std::filesystem::create_directories(aside.parent_path(), ignored);
    tryRemoveTree(aside);
    std::filesystem::rename(folder, aside, ignored);
    tryRemoveTree(aside);
}

}  // namespace

/// Removes layers and blobs that nothing reaches, left by killed commands too. A layer is reached from an image or a pin.
/// While another devc adds to the store nothing is removed; the next sweep does it.
std::uint64_t Images::sweep() {
    Fd lock = openFile((host_.stateDir / "store.lock").string(), O_RDWR | O_CREAT);
    storeLock_.reset();
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return 0;
    std::uint64_t freed = 0;
    if (std::filesystem::exists(unfinishedOf(host_))) removeOwnerless(unfinishedOf(host_));
    unreachedLayers();
    std::set<std::string> layers;
    {
        Database::Lock guard(database_);
        for (std::string& chain : column(database_, "SELECT chain_id FROM layers")) layers.insert(std::move(chain));
    }
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(host_.layers(), ignored)) {
        if (layers.contains(entry.path().filename().string())) continue;
        freed += sizeBelow(entry.path());
        removeFolder(host_, entry.path());
    }
    std::set<std::string> kept = reachedBlobs(host_, database_);
    for (const auto& entry : std::filesystem::directory_iterator(host_.blobs(), ignored)) {
        if (kept.contains(entry.path().filename().string())) continue;
        freed += sizeOf(entry.path());
        std::filesystem::remove(entry.path(), ignored);
    }
    return freed;
}

}  // namespace devc::engine

#include "engine/image/images.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/digest.h"
#include "engine/error.h"
#include "engine/image/image_config.h"
#include "engine/image/stored_image.h"
#include "engine/image/transfer_process.h"
#include "engine/json.h"
#include "engine/linux/fd.h"
#include "engine/linux/unnamed_file.h"
#include "engine/timestamp.h"

namespace devc::engine {

using nlohmann::json;

namespace {

constexpr const char* selectImage = "SELECT id, manifest_digest, created, config, chain_ids, tagged FROM images ";
constexpr const char* manifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* configType = "application/vnd.oci.image.config.v1+json";

bool isIdPrefix(std::string_view text) {
    if (text.starts_with("sha256:")) text.remove_prefix(7);
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string hexOf(const std::string& digest) { return digest.starts_with("sha256:") ? digest.substr(7) : digest; }

Image imageFrom(const Statement& row) {
    Image image;
    image.id = row.text(0);
    image.manifestDigest = row.text(1);
    image.created = row.text(2);
    json config = json::parse(row.text(3));
    image.chainIds = json::parse(row.text(4)).get<std::vector<std::string>>();
    image.tagged = row.text(5);
    image.architecture = config.value("architecture", "");
    image.os = config.value("os", "");
    image.config = imageConfigFrom(config);
    if (config.contains("rootfs")) image.diffIds = config["rootfs"].value("diff_ids", std::vector<std::string>{});
    return image;
}

void complete(Database& database, Image& image) {
    Statement references = database.prepare("SELECT reference FROM image_references WHERE image_id = ? ORDER BY reference");
    references.bind(image.id);
    while (references.step()) {
        std::string reference = references.text(0);
        if (reference.find('@') != std::string::npos) image.repositoryDigests.push_back(reference);
        else image.references.push_back(reference);
    }
    Statement size = database.prepare("SELECT coalesce(sum(size), 0) FROM layers WHERE chain_id IN (SELECT value FROM json_each(?))");
    size.bind(json(image.chainIds).dump());
    if (size.step()) image.size = static_cast<std::uint64_t>(size.integer(0));
}

void writeBlob(const Host& host, const std::string& digest, std::string_view content) {
    std::filesystem::create_directories(host.blobs());
    writeUnnamedFirst((host.blobs() / hexOf(digest)).string(), content, 0600);
}

bool holdsBlob(const Host& host, const std::string& digest, std::string_view content) {
    try {
        return readFile((host.blobs() / hexOf(digest)).string()) == content;
    } catch (const SystemError&) {
        return false;
    }
}

}  // namespace

Images::Images(const Host& host, Database& database) : host_(host), database_(database) {}

std::optional<Image> Images::find(const std::string& referenceOrId) const {
    Database::Lock lock(database_);
    auto one = [&](std::string_view where, std::string_view value) -> std::optional<Image> {
        Statement row = database_.prepare(std::string(selectImage) + std::string(where));
        row.bind(value);
        if (!row.step()) return std::nullopt;
        Image image = imageFrom(row);
        complete(database_, image);
        return image;
    };
    constexpr const char* byReference = "WHERE id = (SELECT image_id FROM image_references WHERE reference = ?)";
    std::optional<Reference> reference;
    try {
        reference = Reference::parse(referenceOrId);
    } catch (const Error&) {
        if (!isIdPrefix(referenceOrId)) throw;
    }
    if (reference) {
        if (!reference->digest.empty()) {
            Reference bare = *reference;
            bare.tag.clear();
            if (auto image = one(byReference, bare.normalized())) return image;
        }
        if (auto image = one(byReference, reference->normalized())) return image;
    }
    if (!isIdPrefix(referenceOrId)) return std::nullopt;
    Statement matches = database_.prepare("SELECT id FROM images WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 2");
    matches.bind("sha256:" + hexOf(referenceOrId));
    if (!matches.step()) return std::nullopt;
    std::string id = matches.text(0);
    if (matches.step()) throw Error::of("the image id prefix {} is ambiguous", referenceOrId);
    return one("WHERE id = ?", id);
}

Image Images::get(const std::string& referenceOrId) const {
    if (auto image = find(referenceOrId)) return *image;
    throw NotFound(fmt::format("No such image: {}", referenceOrId));
}

std::vector<Image> Images::list() const {
    Database::Lock lock(database_);
    std::vector<Image> images;
    Statement rows = database_.prepare(std::string(selectImage) + "ORDER BY created DESC, id");
    while (rows.step()) images.push_back(imageFrom(rows));
    for (Image& image : images) complete(database_, image);
    return images;
}

json Images::configJson(const Image& image) const { return json::parse(readFile((host_.blobs() / hexOf(image.id)).string())); }

std::vector<std::filesystem::path> Images::lowerFolders(const Image& image) const {
    std::vector<std::filesystem::path> folders;
    for (auto chain = image.chainIds.rbegin(); chain != image.chainIds.rend(); ++chain) folders.push_back(host_.layers() / *chain);
    return folders;
}

std::vector<NewLayer> Images::layersOf(const Image& image) const {
    Database::Lock lock(database_);
    std::vector<NewLayer> layers;
    for (const std::string& chain : image.chainIds) {
        Statement row = database_.prepare("SELECT diff_id, blob_digest, blob_size, size, media_type FROM layers WHERE chain_id = ?");
        row.bind(chain);
        if (!row.step()) throw Error::of("layer {} of image {} is missing from the store", chain.substr(0, 12), image.id);
        layers.push_back({row.text(0), row.text(1), static_cast<std::uint64_t>(row.integer(2)), static_cast<std::uint64_t>(row.integer(3)), row.text(4)});
    }
    return layers;
}

std::string Images::chainId(const std::string& parent, const std::string& diffId) {
    if (parent.empty()) return hexOf(diffId);
    return sha256Hex("sha256:" + hexOf(parent) + " " + diffId);
}

void Images::holdStore() const {
    Database::Lock lock(database_);
    if (storeLock_) return;
    Fd file = openFile((host_.stateDir / "store.lock").string(), O_RDWR | O_CREAT);
    while (::flock(file.get(), LOCK_SH) != 0) {
        if (errno != EINTR) throw SystemError("lock the image store", errno);
    }
    storeLock_ = std::move(file);
}

NewLayer Images::recordLayer(const json& stored) {
    NewLayer layer{stored.at("diffId"), stored.at("blobDigest"), stored.at("blobSize"), stored.at("size"), stored.at("mediaType")};
    Database::Lock lock(database_);
    Statement row = database_.prepare("INSERT OR IGNORE INTO layers (chain_id, diff_id, blob_digest, blob_size, size, media_type) VALUES (?, ?, ?, ?, ?, ?)");
    row.bind(stored.at("chainId").get<std::string>()).bind(layer.diffId).bind(layer.blobDigest);
    row.bind(static_cast<std::int64_t>(layer.blobSize)).bind(static_cast<std::int64_t>(layer.size)).bind(layer.mediaType).run();
    return layer;
}

NewLayer Images::addLayer(const std::filesystem::path& folder, const std::string& parentChainId) {
    holdStore();
    json request = {{"folder", folder.string()}, {"parent", hexOf(parentChainId)}};
    return recordLayer(transfer(host_, "layer", std::move(request), {}));
}

NewLayer Images::copyLayer(const std::filesystem::path& folder, const std::string& parentChainId) {
    holdStore();
    return recordLayer(transfer(host_, "layer", {{"folder", folder.string()}, {"parent", hexOf(parentChainId)}, {"copy", true}}, {}));
}

void Images::pin(const std::string& holder, const std::string& chainId) {
    Database::Lock lock(database_);
    database_.prepare("INSERT OR IGNORE INTO layer_pins (holder, chain_id) VALUES (?, ?)").bind(holder).bind(hexOf(chainId)).run();
}

void Images::unpin(const std::string& holder) {
    Database::Lock lock(database_);
    database_.prepare("DELETE FROM layer_pins WHERE holder = ?").bind(holder).run();
}

void Images::refer(const std::string& reference, const std::string& imageId) const {
    database_.prepare("INSERT INTO image_references (reference, image_id) VALUES (?, ?) ON CONFLICT(reference) DO UPDATE SET image_id = excluded.image_id")
        .bind(reference).bind(imageId).run();
    database_.prepare("UPDATE images SET tagged = ? WHERE id = ?").bind(timestampNow()).bind(imageId).run();
}

Image Images::record(const Stored& stored) {
    json config = parseJson(stored.config, "the image configuration");
    imageConfigFrom(config);  // refuses what nothing could run
    std::string id = digestOf(stored.config);
    Database::Transaction transaction(database_, Database::Durability::PowerCut);
    Statement row = database_.prepare("INSERT INTO images (id, manifest_digest, created, config, chain_ids, tagged) VALUES (?, ?, ?, ?, ?, ?) "
                                      "ON CONFLICT(id) DO UPDATE SET tagged = excluded.tagged");
    row.bind(id).bind(stored.manifestDigest).bind(config.value("created", "")).bind(stored.config).bind(json(stored.chains).dump()).bind(timestampNow()).run();
    for (const std::string& reference : stored.references) refer(reference, id);
    transaction.commit();
    return get(id);
}

Image Images::install(const json& fetched, const std::vector<std::string>& references, const std::string& repositoryDigest) {
    Stored stored;
    stored.manifestDigest = fetched.at("manifestDigest");
    stored.config = readFile((host_.blobs() / hexOf(fetched.at("configDigest").get<std::string>())).string());
    for (const json& layer : fetched.at("layers")) {
        recordLayer(layer);
        stored.chains.push_back(layer.at("chainId"));
    }
    for (const std::string& reference : references) stored.references.push_back(Reference::parse(reference).normalized());
    if (!repositoryDigest.empty()) stored.references.push_back(repositoryDigest);
    return record(stored);
}

Image Images::addImage(const json& ociConfig, const std::vector<NewLayer>& layers, const std::string& reference) {
    holdStore();
    json config = ociConfig;
    config["rootfs"] = {{"type", "layers"}, {"diff_ids", json::array()}};
    json blobs = json::array();
    Stored stored;
    for (const NewLayer& layer : layers) {
        config["rootfs"]["diff_ids"].push_back(layer.diffId);
        blobs.push_back({{"mediaType", layer.mediaType}, {"digest", layer.blobDigest}, {"size", layer.blobSize}});
        stored.chains.push_back(chainId(stored.chains.empty() ? "" : stored.chains.back(), layer.diffId));
    }
    stored.config = config.dump();
    json manifest = {{"schemaVersion", 2},
                     {"mediaType", manifestType},
                     {"config", {{"mediaType", configType}, {"digest", digestOf(stored.config)}, {"size", stored.config.size()}}},
                     {"layers", blobs}};
    std::string manifestText = manifest.dump();
    stored.manifestDigest = digestOf(manifestText);
    if (!reference.empty()) stored.references.push_back(Reference::parse(reference).normalized());
    const std::string id = digestOf(stored.config);
    const auto known = find(id);
    const bool isRecorded = known && known->manifestDigest == stored.manifestDigest && known->chainIds == stored.chains &&
                            std::all_of(stored.references.begin(), stored.references.end(), [&](const std::string& name) {
                                return std::find(known->references.begin(), known->references.end(), name) != known->references.end();
                            });
    // Nothing is written for an image that is there, whole and called so.
    if (isRecorded && holdsBlob(host_, id, stored.config) && holdsBlob(host_, stored.manifestDigest, manifestText)) return *known;
    writeBlob(host_, id, stored.config);
    writeBlob(host_, stored.manifestDigest, manifestText);
    return record(stored);
}

Image Images::import(int tarDescriptor, const std::string& reference, const std::vector<std::string>& changes, const std::string& message) {
    std::string now = timestampNow();
    json config = emptyOciConfig(now);
    applyChanges(config, changes);
    config["history"].push_back({{"created", now}, {"comment", message.empty() ? "Imported from -" : message}});
    if (!reference.empty()) Reference::parse(reference);
    holdStore();
    NewLayer layer = recordLayer(transfer(host_, "import", json::object(), {.input = tarDescriptor}));
    return addImage(config, {layer}, reference);
}

void Images::tag(const std::string& source, const std::string& reference) {
    Reference target = Reference::parse(reference);
    if (!target.digest.empty()) throw Error::of("cannot tag {}: a tag cannot have a digest", reference);
    Image image = get(source);
    if (std::find(image.references.begin(), image.references.end(), target.normalized()) != image.references.end()) return;
    Database::Transaction transaction(database_, Database::Durability::PowerCut);
    refer(target.normalized(), image.id);
    transaction.commit();
}

}  // namespace devc::engine

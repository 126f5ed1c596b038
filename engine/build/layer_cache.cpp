#include "engine/build/layer_cache.h"

#include <ctime>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "engine/digest.h"
#include "engine/error.h"

namespace devc::engine::build {

void Snapshot::add(const NewLayer& layer, std::int64_t time) {
    chains.push_back(Images::chainId(chain(), layer.diffId));
    layers.push_back(layer);
    times.push_back(time);
}

std::vector<std::string> Snapshot::lowers(const Host& host) const {
    std::vector<std::string> folders;
    for (auto chain = chains.rbegin(); chain != chains.rend(); ++chain) folders.push_back((host.layers() / *chain).string());
    return folders;
}

namespace {
constexpr const char* holder = "build";
}

LayerCache::LayerCache(const Host& host, Database& database, Images& images) : host_(host), database_(database), images_(images) {}

std::optional<MadeLayer> LayerCache::find(const std::string& key, const std::string& parentChain) {
    Database::Lock lock(database_);
    Statement row = database_.prepare("SELECT l.diff_id, l.blob_digest, l.blob_size, l.size, l.media_type, b.created FROM build_cache b "
                                      "JOIN layers l ON l.chain_id = b.chain WHERE b.key = ? AND b.parent = ?");
    row.bind(key).bind(parentChain);
    if (!row.step()) return std::nullopt;
    NewLayer layer;
    layer.diffId = row.text(0);
    layer.blobDigest = row.text(1);
    layer.blobSize = static_cast<std::uint64_t>(row.integer(2));
    layer.size = static_cast<std::uint64_t>(row.integer(3));
    layer.mediaType = row.text(4);
    const std::string chain = Images::chainId(parentChain, layer.diffId);
    if (access((host_.layers() / chain).c_str(), F_OK) != 0) return std::nullopt;
    if (layer.blobDigest.size() < 8 || access((host_.blobs() / layer.blobDigest.substr(7)).c_str(), F_OK) != 0) return std::nullopt;
    return MadeLayer{std::move(layer), row.integer(5)};
}

MadeLayer LayerCache::put(const std::string& key, const std::string& parentChain, const NewLayer& layer, const std::string& title) {
    const std::string chain = Images::chainId(parentChain, layer.diffId);
    MadeLayer made{layer, static_cast<std::int64_t>(time(nullptr))};
    images_.pin(holder, chain);
    Database::Lock lock(database_);
    Statement row = database_.prepare("INSERT OR REPLACE INTO build_cache (key, parent, chain, title, created) VALUES (?, ?, ?, ?, ?)");
    row.bind(key).bind(parentChain).bind(chain).bind(title).bind(made.time).run();
    return made;
}

std::optional<std::string> LayerCache::findContent(const std::string& chain, const std::string& query) {
    Database::Lock lock(database_);
    Statement row = database_.prepare("SELECT digest FROM build_contents WHERE chain = ? AND query = ?");
    row.bind(chain).bind(query);
    if (!row.step()) return std::nullopt;
    return row.text(0);
}

void LayerCache::putContent(const std::string& chain, const std::string& query, const std::string& digest) {
    Database::Lock lock(database_);
    Statement row = database_.prepare("INSERT OR REPLACE INTO build_contents (chain, query, digest) VALUES (?, ?, ?)");
    row.bind(chain).bind(query).bind(digest).run();
}

Fd LayerCache::lock(const std::string& key) const {
    const auto folder = host_.stateDir / "build" / "locks";
    std::filesystem::create_directories(folder);
    Fd file = openFile((folder / key.substr(0, 3)).string(), O_RDWR | O_CREAT, 0600);
    while (flock(file.get(), LOCK_EX) != 0)
        if (errno != EINTR) throw SystemError("lock the build cache", errno);
    return file;
}

std::vector<LayerCache::Record> LayerCache::list() {
    Database::Lock lock(database_);
    Statement row = database_.prepare("SELECT b.key, b.chain, b.title, b.created, l.size FROM build_cache b LEFT JOIN layers l ON l.chain_id = b.chain "
                                      "ORDER BY b.created");
    std::vector<Record> records;
    while (row.step()) records.push_back({row.text(0), row.text(1), row.text(2), row.integer(3), static_cast<std::uint64_t>(row.integer(4))});
    return records;
}

void LayerCache::clear() {
    images_.unpin(holder);
    Database::Transaction transaction(database_);
    database_.execute("DELETE FROM build_cache");
    database_.execute("DELETE FROM build_contents");
    transaction.commit();
}

}  // namespace devc::engine::build

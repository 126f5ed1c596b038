#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/host.h"
#include "engine/image/images.h"
#include "engine/linux/fd.h"
#include "engine/state/database.h"

namespace devc::engine::build {

/// The file system that an operation made: layers, lowest first.
struct Snapshot {
    std::vector<NewLayer> layers;
    std::vector<std::string> chains;  ///< chain id of each layer: folder names under layers/
    std::vector<std::int64_t> times;  ///< when each layer was made, seconds since the epoch; 0: by another build, long ago

    std::string chain() const { return chains.empty() ? std::string() : chains.back(); }
    void add(const NewLayer& layer, std::int64_t time = 0);
    /// Overlay lower folders, topmost first.
    std::vector<std::string> lowers(const Host& host) const;
};

/// What an operation made.
struct MadeLayer {
    NewLayer layer;
    std::int64_t time = 0;  ///< seconds since the epoch
};

/// What operations made before, in the database: cache key -> layer. Safe to use from several threads and processes.
class LayerCache {
public:
    LayerCache(const Host& host, Database& database, Images& images);

    /// The layer that `key` made, if it and its blob are still there.
    std::optional<MadeLayer> find(const std::string& key, const std::string& parentChain);
    MadeLayer put(const std::string& key, const std::string& parentChain, const NewLayer& layer, const std::string& title);
    /// Digests of what was read from a layer, which never changes.
    std::optional<std::string> findContent(const std::string& chain, const std::string& query);
    void putContent(const std::string& chain, const std::string& query, const std::string& digest);
    /// Held while an operation with this key is carried out: of two builds one does it, the other finds its result.
    Fd lock(const std::string& key) const;

    struct Record {
        std::string key, chain, title;
        std::int64_t created = 0;  ///< seconds since the epoch
        std::uint64_t size = 0;
    };
    std::vector<Record> list();
    void clear();

private:
    const Host& host_;
    Database& database_;
    Images& images_;
};

}  // namespace devc::engine::build

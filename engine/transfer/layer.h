#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/transfer/decompress.h"
#include "engine/transfer/store.h"

namespace devc::engine::transfer {

/// A layer as the store has it.
struct StoredLayer {
    std::string diffId, chainId, blobDigest, mediaType;
    std::uint64_t blobSize = 0, size = 0;
};
nlohmann::json toJson(const StoredLayer&);

/// OCI image specification, "Layer ChainID"; hexadecimal digits without "sha256:".
std::string chainIdOf(const std::string& parent, const std::string& diffId);
std::string layerMediaType(Compression);

/// A layer unpacked in the transfer's own folder, not yet in its place.
struct PendingLayer {
    std::filesystem::path folder;
    Unpacked unpacked;
    std::string diffId;
    Compression compression = Compression::None;
};

/// Decompresses, hashes and unpacks in one pass. `blobSum`: the digest of `data` when it is known to be hashed on its way
/// by the caller; then an uncompressed stream is not hashed again and diffId stays empty.
PendingLayer unpackStream(Source& data, Store& store, const Limits& limits, bool hashedByCaller);

/// import: root file system on `descriptor` -> blob and lowest layer.
StoredLayer importLayer(int descriptor, Store& store, const Limits& limits);
/// A layer made by a build step: `folder` is written as a blob and moved to its place above `parent`.
StoredLayer adoptFolder(const std::filesystem::path& folder, const std::string& parent, Store& store);
/// As adoptFolder, but the folder stays as it is: what a container that lives on has changed.
StoredLayer copyFolder(const std::filesystem::path& folder, const std::string& parent, Store& store, const Limits& limits);

/// Bytes of the regular files below a folder.
std::uint64_t sizeOfFolder(const std::filesystem::path& folder);

}  // namespace devc::engine::transfer

#include "engine/transfer/layer.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/transfer/layer_tar.h"

namespace devc::engine::transfer {

namespace fs = std::filesystem;

nlohmann::json toJson(const StoredLayer& layer) {
    return {{"diffId", layer.diffId}, {"chainId", layer.chainId},   {"blobDigest", layer.blobDigest},
            {"size", layer.size},     {"blobSize", layer.blobSize}, {"mediaType", layer.mediaType}};
}

std::string chainIdOf(const std::string& parent, const std::string& diffId) {
    return parent.empty() ? digestHex(diffId) : sha256Hex("sha256:" + parent + " " + diffId);
}

std::string layerMediaType(Compression compression) {
    std::string type = "application/vnd.oci.image.layer.v1.tar";
    if (compression != Compression::None) type += fmt::format("+{}", nameOf(compression));
    return type;
}

PendingLayer unpackStream(Source& data, Store& store, const Limits& limits, bool hashedByCaller) {
    PeekSource head(data);
    PendingLayer layer;
    layer.compression = compressionOf(head.peek(16));
    layer.folder = store.newFolder();
    std::unique_ptr<Source> plain = decompress(head, layer.compression, limits);
    if (layer.compression == Compression::None && hashedByCaller) {
        layer.unpacked = unpack(*plain, layer.folder.string(), limits);
        return layer;
    }
    Sha256 sum;
    {
        TeeSource hashed(*plain, [&](std::string_view chunk) { sum.update(chunk); });
        ThreadSource ahead(hashed);
        layer.unpacked = unpack(ahead, layer.folder.string(), limits);
    }
    layer.diffId = "sha256:" + sum.finish();
    return layer;
}

StoredLayer importLayer(int descriptor, Store& store, const Limits& limits) {
    FdSource input(descriptor);
    BlobWriter blob(store);
    PendingLayer pending;
    {
        TeeSource recorded(input, [&](std::string_view chunk) { blob.write(chunk); });
        ThreadSource ahead(recorded, [&] { input.cancel(); });
        pending = unpackStream(ahead, store, limits, true);
        // A decompressor stops at the end of its data; the blob has all that was given.
        while (!ahead.read().empty()) {}
    }
    completeFromBelow(pending.unpacked, pending.folder.string(), {});
    StoredLayer layer;
    layer.blobSize = blob.size();
    layer.blobDigest = blob.finish();
    layer.diffId = pending.diffId.empty() ? layer.blobDigest : pending.diffId;
    layer.chainId = chainIdOf("", layer.diffId);
    layer.size = pending.unpacked.bytes;
    layer.mediaType = layerMediaType(pending.compression);
    if (store.hasLayer(layer.chainId)) return layer;
    store.flush();
    store.adoptLayer(pending.folder, layer.chainId);
    store.flushNames();
    return layer;
}

StoredLayer adoptFolder(const fs::path& folder, const std::string& parent, Store& store) {
    BlobWriter blob(store);
    StoredLayer layer;
    layer.size = writeLayer(folder.string(), [&](std::string_view data) { blob.write(data); });
    layer.blobSize = blob.size();
    layer.blobDigest = layer.diffId = blob.finish();
    layer.chainId = chainIdOf(parent, layer.diffId);
    layer.mediaType = layerMediaType(Compression::None);
    if (::chmod(folder.c_str(), 0755) != 0) throw SystemError("chmod " + folder.string(), errno);
    if (::chown(folder.c_str(), 0, 0) != 0) throw SystemError("chown " + folder.string(), errno);
    store.adoptLayer(folder, layer.chainId);
    store.flushNames();
    return layer;
}

StoredLayer copyFolder(const fs::path& folder, const std::string& parent, Store& store, const Limits& limits) {
    BlobWriter blob(store);
    StoredLayer layer;
    layer.size = writeLayer(folder.string(), [&](std::string_view data) { blob.write(data); });
    layer.blobSize = blob.size();
    layer.blobDigest = layer.diffId = blob.finish();
    layer.chainId = chainIdOf(parent, layer.diffId);
    layer.mediaType = layerMediaType(Compression::None);
    if (store.hasLayer(layer.chainId)) return layer;
    const Fd tar = openFile(store.blob(layer.blobDigest).string(), O_RDONLY);
    FdSource input(tar.get());
    const fs::path copy = store.newFolder();
    unpack(input, copy.string(), limits);
    store.flush();
    store.adoptLayer(copy, layer.chainId);
    store.flushNames();
    return layer;
}

std::uint64_t sizeOfFolder(const fs::path& folder) {
    std::uint64_t bytes = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file() && !entry.is_symlink()) bytes += entry.file_size();
    }
    return bytes;
}

}  // namespace devc::engine::transfer

#include <fcntl.h>
#include <mutex>
#include <set>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/transfer/image.h"
#include "engine/transfer/registry.h"

namespace devc::engine::transfer {

namespace {

void pushBlob(const TransferContext& context, Registry& registry, HttpClient& client, const Descriptor& blob) {
    std::string id = blob.digest.substr(7, 12);
    if (registry.hasBlob(client, blob.digest)) return context.channel.progress(id, "Layer already exists");
    Fd file = openFile(context.store.blob(blob.digest).string(), O_RDONLY);
    std::uint64_t told = 0;
    registry.uploadBlob(client, blob, file.get(), [&](std::uint64_t sent) {
        if (sent - told < (1 << 20) && sent != blob.size) return;
        told = sent;
        context.channel.progress(id, "Pushing", sent, blob.size);
    });
    context.channel.progress(id, "Pushed", blob.size, blob.size);
}

}  // namespace

nlohmann::json push(const TransferContext& context) {
    std::string digest = context.request.at("manifest"), tag = context.request.at("tag");
    std::string text = context.store.readBlob(digest, context.limits.manifestBytes);
    Manifest manifest = parseManifest(text, context.limits);
    Registry registry(context.request.at("domain"), context.request.at("path"), context.limits);
    HttpClient client(context.limits);
    std::set<std::string> done;
    for (const Descriptor& layer : manifest.layers) {
        if (done.insert(layer.digest).second) pushBlob(context, registry, client, layer);
    }
    pushBlob(context, registry, client, manifest.config);
    registry.uploadManifest(client, tag, manifest.mediaType, text);
    context.channel.progress(tag, fmt::format("digest: {} size: {}", digest, text.size()));
    return {{"digest", digest}};
}

}  // namespace devc::engine::transfer

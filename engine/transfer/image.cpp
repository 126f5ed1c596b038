#include "engine/transfer/image.h"

#include <fcntl.h>

#include <nlohmann/json.hpp>

#include "engine/error.h"

namespace devc::engine::transfer {

std::vector<LayerPlan> planLayers(const Manifest& manifest, const std::vector<std::string>& diffIds) {
    std::vector<LayerPlan> plans;
    std::string parent;
    for (std::size_t i = 0; i < diffIds.size(); ++i) {
        LayerPlan plan{manifest.layers[i], diffIds[i], parent, chainIdOf(parent, diffIds[i])};
        parent = plan.chainId;
        plans.push_back(std::move(plan));
    }
    return plans;
}

PendingLayer unpackBlob(const LayerPlan& plan, Store& store, const Limits& limits) {
    Fd blob = openFile(store.blob(plan.blob.digest).string(), O_RDONLY);
    FdSource file(blob.get());
    Sha256 sum;
    TeeSource hashed(file, [&](std::string_view data) { sum.update(data); });
    PendingLayer layer = unpackStream(hashed, store, limits, true);
    while (!hashed.read().empty()) {}
    std::string digest = "sha256:" + sum.finish();
    if (digest != plan.blob.digest) throw Error::of("the blob {} is damaged in the store", plan.blob.digest);
    if (layer.diffId.empty()) layer.diffId = digest;
    if (layer.diffId != plan.diffId) throw Error::of("the layer's content is {}, but its image says {}", layer.diffId, plan.diffId);
    return layer;
}

std::vector<StoredLayer> adoptLayers(const std::vector<LayerPlan>& plans, std::map<std::string, PendingLayer>& pending, Store& store,
                                     const KnownLayers& known) {
    std::vector<std::string> lowers;  // topmost first; those that are not in place yet where they are
    std::vector<StoredLayer> layers;
    for (const LayerPlan& plan : plans) {
        auto found = pending.find(plan.chainId);
        StoredLayer layer{plan.diffId, plan.chainId, plan.blob.digest, plan.blob.mediaType, plan.blob.size, 0};
        if (found != pending.end()) {
            completeFromBelow(found->second.unpacked, found->second.folder.string(), lowers);
            layer.size = found->second.unpacked.bytes;
            lowers.insert(lowers.begin(), found->second.folder.string());
        } else {
            auto size = known.find(plan.chainId);
            layer.size = size != known.end() ? size->second : sizeOfFolder(store.layer(plan.chainId));
            lowers.insert(lowers.begin(), store.layer(plan.chainId).string());
        }
        layers.push_back(std::move(layer));
    }
    if (!pending.empty()) store.flush();
    for (const LayerPlan& plan : plans) {
        if (auto found = pending.find(plan.chainId); found != pending.end()) store.adoptLayer(found->second.folder, plan.chainId);
    }
    if (!pending.empty()) store.flushNames();
    pending.clear();
    return layers;
}

nlohmann::json describeImage(const std::string& manifestDigest, const Manifest& manifest, const std::vector<StoredLayer>& layers) {
    nlohmann::json list = nlohmann::json::array();
    for (const StoredLayer& layer : layers) list.push_back(toJson(layer));
    return {{"manifestDigest", manifestDigest}, {"configDigest", manifest.config.digest}, {"layers", std::move(list)}};
}

}  // namespace devc::engine::transfer

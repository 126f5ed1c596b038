#pragma once
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/transfer/channel.h"
#include "engine/transfer/layer.h"
#include "engine/transfer/manifest.h"
#include "engine/transfer/registry_settings.h"
#include "engine/transfer/store.h"

namespace devc::engine::transfer {

/// Unpacked sizes of the layers that the database knows, by chain id.
using KnownLayers = std::map<std::string, std::uint64_t>;

/// One layer of an image on its way into the store.
struct LayerPlan {
    Descriptor blob;
    std::string diffId, parent, chainId;
};
std::vector<LayerPlan> planLayers(const Manifest& manifest, const std::vector<std::string>& diffIds);

/// Unpacks a blob that is in the store, verifying it and the diff id again.
PendingLayer unpackBlob(const LayerPlan& plan, Store& store, const Limits& limits);

/// Puts unpacked layers in their places, lowest first; `pending` has a folder for each that was not there before.
std::vector<StoredLayer> adoptLayers(const std::vector<LayerPlan>& plans, std::map<std::string, PendingLayer>& pending, Store& store,
                                     const KnownLayers& known);

/// The result of pull and load for one image.
nlohmann::json describeImage(const std::string& manifestDigest, const Manifest& manifest, const std::vector<StoredLayer>& layers);

struct TransferContext {
    const nlohmann::json& request;
    Store& store;
    const Limits& limits;
    const RegistrySettings& registries;
    Channel& channel;
};

nlohmann::json pull(const TransferContext&);
nlohmann::json push(const TransferContext&);
nlohmann::json load(const TransferContext&, int descriptor);
nlohmann::json save(const TransferContext&, int descriptor);

}  // namespace devc::engine::transfer

#include <set>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/linux/fd.h"
#include "engine/transfer/image.h"
#include "engine/transfer/layer_tar.h"

namespace devc::engine::transfer {

using nlohmann::json;

namespace {

std::string pathOf(const std::string& digest) { return "blobs/sha256/" + digestHex(digest); }

}  // namespace

/// An OCI layout that is a docker-archive too (manifest.json), as docker itself writes since 25: older ones and podman
/// read the one, newer ones the other.
json save(const TransferContext& context, int descriptor) {
    TarWriter tar([&](std::string_view data) { writeAll(descriptor, data); });
    tar.folder("blobs/");
    tar.folder("blobs/sha256/");
    std::set<std::string> written;
    auto blob = [&](const std::string& digest) {
        if (written.insert(digest).second) tar.file(pathOf(digest), context.store.blob(digest).string());
    };
    json index = {{"schemaVersion", 2}, {"mediaType", "application/vnd.oci.image.index.v1+json"}, {"manifests", json::array()}};
    json archive = json::array();
    for (const json& image : context.request.at("images")) {
        std::string digest = image.at("manifest");
        std::string text = context.store.readBlob(digest, context.limits.manifestBytes);
        Manifest manifest = parseManifest(text, context.limits);
        blob(digest);
        blob(manifest.config.digest);
        json layers = json::array(), tags = json::array();
        for (const Descriptor& layer : manifest.layers) {
            blob(layer.digest);
            layers.push_back(pathOf(layer.digest));
        }
        json entry = {{"mediaType", manifest.mediaType}, {"digest", digest}, {"size", text.size()}};
        for (const json& reference : image.at("references")) {
            tags.push_back(reference.at("familiar"));
            entry["annotations"] = {{"io.containerd.image.name", reference.at("normalized")}, {"org.opencontainers.image.ref.name", reference.at("tag")}};
            index["manifests"].push_back(entry);
        }
        if (tags.empty()) index["manifests"].push_back(entry);
        archive.push_back({{"Config", pathOf(manifest.config.digest)}, {"RepoTags", tags}, {"Layers", layers}});
    }
    tar.text("index.json", index.dump());
    tar.text("manifest.json", archive.dump());
    tar.text("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
    tar.finish();
    return nullptr;
}

}  // namespace devc::engine::transfer

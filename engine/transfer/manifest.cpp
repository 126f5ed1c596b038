#include "engine/transfer/manifest.h"

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/json.h"
#include "engine/transfer/store.h"

namespace devc::engine::transfer {

using nlohmann::json;

namespace {

constexpr std::string_view ociManifest = "application/vnd.oci.image.manifest.v1+json";
constexpr std::string_view ociIndex = "application/vnd.oci.image.index.v1+json";
constexpr std::string_view dockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
constexpr std::string_view dockerList = "application/vnd.docker.distribution.manifest.list.v2+json";
constexpr std::size_t mostManifests = 256;

const json& member(const json& object, const char* name, json::value_t type, std::string_view what) {
    auto found = object.find(name);
    if (found == object.end() || found->type() != type) throw Error::of("{}: '{}' is missing or of another type", what, name);
    return *found;
}

std::string textOr(const json& object, const char* name, std::string fallback = {}) {
    auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : fallback;
}

json parseObject(std::string_view text, std::string_view what) {
    json object = parseJson(text, what);
    if (!object.is_object()) throw Error::of("{} is not a JSON object", what);
    return object;
}

Descriptor descriptorFrom(const json& from, std::string_view what) {
    if (!from.is_object()) throw Error::of("{}: a descriptor is not an object", what);
    Descriptor descriptor;
    descriptor.mediaType = textOr(from, "mediaType");
    descriptor.digest = member(from, "digest", json::value_t::string, what).get<std::string>();
    digestHex(descriptor.digest);
    descriptor.size = member(from, "size", json::value_t::number_unsigned, what).get<std::uint64_t>();
    return descriptor;
}

std::vector<std::string> urlsOf(const json& descriptor) {
    std::vector<std::string> urls;
    const auto found = descriptor.find("urls");
    if (found == descriptor.end() || !found->is_array()) return urls;
    for (const json& url : *found)
        if (url.is_string()) urls.push_back(url.get<std::string>());
    return urls;
}

Platform platformFrom(const json& from) {
    auto found = from.find("platform");
    if (found == from.end() || !found->is_object()) return {};
    return {textOr(*found, "os"), textOr(*found, "architecture"), textOr(*found, "variant")};
}

bool runsOn(const Platform& offered, const Platform& wanted) {
    if (offered.os != wanted.os || offered.architecture != wanted.architecture) return false;
    return wanted.variant.empty() || offered.variant.empty() || offered.variant == wanted.variant;
}

std::string describe(const Platform& platform) {
    std::string text = platform.os + "/" + platform.architecture;
    if (!platform.variant.empty()) text += "/" + platform.variant;
    return printable(text);
}

}  // namespace

DocumentKind kindOf(std::string_view text, std::string_view announced) {
    json document = parseObject(text, "the manifest");
    std::string own = textOr(document, "mediaType");
    announced = announced.substr(0, announced.find(';'));
    if (document.contains("fsLayers") || document.value("schemaVersion", json(2)) == 1 || announced.find("manifest.v1+") != std::string_view::npos) {
        if (!own.starts_with("application/vnd.oci") && !announced.starts_with("application/vnd.oci"))
            throw Error("the manifest is of docker's schema 1, which ended in 2017")
                .hint("push the image again with a docker of today");
    }
    std::string type = own.empty() ? std::string(announced) : own;
    bool announcesJson = announced.empty() || announced == "application/json" || announced == "text/plain" || announced == "application/octet-stream";
    if (!own.empty() && !announcesJson && own != announced) {
        throw Error::of("the manifest calls itself {} but was given as {}", printable(own), printable(announced));
    }
    bool hasLayers = document.contains("layers") || document.contains("config"), hasManifests = document.contains("manifests");
    if (hasLayers && hasManifests) throw Error("the manifest is an image and an index at once");
    bool isIndex = type == ociIndex || type == dockerList;
    bool isManifest = type == ociManifest || type == dockerManifest;
    if ((isIndex && hasLayers) || (isManifest && hasManifests)) throw Error::of("the manifest calls itself {} but has another content", printable(type));
    if (!isIndex && !isManifest && announcesJson && own.empty()) (hasManifests ? isIndex : isManifest) = hasManifests || hasLayers;
    if (isIndex) return DocumentKind::Index;
    if (isManifest) return DocumentKind::Manifest;
    throw Error::of("'{}' is no media type of an image", printable(type));
}

Manifest parseManifest(std::string_view text, const Limits& limits) {
    json document = parseObject(text, "the manifest");
    Manifest manifest;
    manifest.mediaType = textOr(document, "mediaType", std::string(ociManifest));
    manifest.config = descriptorFrom(member(document, "config", json::value_t::object, "the manifest"), "the manifest's config");
    if (manifest.config.size > limits.configBytes) throw Error::of("the image configuration of {} bytes is larger than accepted", manifest.config.size);
    const json& layers = member(document, "layers", json::value_t::array, "the manifest");
    if (layers.size() > limits.layers) throw Error::of("the image has {} layers, more than the {} that overlayfs takes", layers.size(), limits.layers);
    for (const json& from : layers) {
        Descriptor layer = descriptorFrom(from, "the manifest's layers");
        const bool foreign = layer.mediaType.find("foreign") != std::string::npos || layer.mediaType.find("nondistributable") != std::string::npos;
        if (foreign) layer.urls = urlsOf(from);
        if (layer.mediaType.find("encrypted") != std::string::npos) throw Error("the image has encrypted layers");
        manifest.layers.push_back(std::move(layer));
    }
    return manifest;
}

std::vector<NamedManifest> manifestsOf(std::string_view index) {
    json document = parseObject(index, "the index");
    const json& list = member(document, "manifests", json::value_t::array, "the index");
    if (list.size() > mostManifests) throw Error::of("the index has {} manifests, more than the {} that are accepted", list.size(), mostManifests);
    std::vector<NamedManifest> manifests;
    for (const json& from : list) {
        NamedManifest manifest{descriptorFrom(from, "the index"), {}, platformFrom(from)};
        auto annotations = from.find("annotations");
        if (annotations != from.end() && annotations->is_object()) {
            // What buildkit adds beside an image is no image.
            if (textOr(*annotations, "vnd.docker.reference.type") == "attestation-manifest") continue;
            manifest.name = textOr(*annotations, "io.containerd.image.name", textOr(*annotations, "org.opencontainers.image.ref.name"));
        }
        manifests.push_back(std::move(manifest));
    }
    return manifests;
}

Descriptor chooseManifest(std::string_view index, const Platform& platform) {
    std::vector<NamedManifest> manifests = manifestsOf(index);
    const NamedManifest* best = nullptr;
    std::string offered;
    for (const NamedManifest& manifest : manifests) {
        if (!manifest.platform.os.empty() && offered.size() < 400) offered += (offered.empty() ? "" : ", ") + describe(manifest.platform);
        if (!runsOn(manifest.platform, platform)) continue;
        bool exact = manifest.platform.variant == platform.variant;
        if (best == nullptr || (exact && best->platform.variant != platform.variant)) best = &manifest;
    }
    if (best == nullptr && manifests.size() == 1 && manifests[0].platform.os.empty()) best = &manifests[0];
    if (best == nullptr) {
        throw NotFound(fmt::format("no matching manifest for {} in the manifest list entries", describe(platform)))
            .detail("it has: " + (offered.empty() ? "none" : offered));
    }
    return best->descriptor;
}

std::vector<std::string> diffIdsOf(std::string_view config, std::size_t layers) {
    json document = parseObject(config, "the image configuration");
    const json& rootfs = member(document, "rootfs", json::value_t::object, "the image configuration");
    const json& list = member(rootfs, "diff_ids", json::value_t::array, "the image configuration's rootfs");
    if (list.size() != layers) throw Error::of("the manifest has {} layers, the image configuration {} diff_ids", layers, list.size());
    std::vector<std::string> ids;
    for (const json& id : list) {
        if (!id.is_string()) throw Error("the image configuration: a diff_id is not a string");
        digestHex(id.get<std::string>());
        ids.push_back(id.get<std::string>());
    }
    return ids;
}

}  // namespace devc::engine::transfer

#include "engine/transfer/artifact.h"

#include <set>

#include <nlohmann/json.hpp>

#include "engine/digest.h"
#include "engine/error.h"
#include "engine/json.h"
#include "engine/linux/memory_file.h"
#include "engine/transfer/manifest.h"
#include "engine/transfer/registry.h"
#include "engine/transfer/upload.h"

namespace devc::engine::transfer {

using nlohmann::json;

namespace {

constexpr const char* manifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* emptyType = "application/vnd.oci.empty.v1+json";
constexpr const char* emptyConfig = "{}";
constexpr std::size_t mostFiles = 100;

json annotationsOf(const json& object) {
    json texts = json::object();
    const auto found = object.find("annotations");
    if (found == object.end() || !found->is_object()) return texts;
    for (const auto& [key, value] : found->items())
        if (value.is_string()) texts[key] = value;
    return texts;
}

/// In version 1.1 a member of the manifest, before it the media type of the configuration.
std::string typeOf(const json& manifest, const Manifest& parsed) {
    const auto found = manifest.find("artifactType");
    return found != manifest.end() && found->is_string() ? found->get<std::string>() : parsed.config.mediaType;
}

std::string verifiedText(const std::string& text, const Descriptor& blob) {
    try {
        static_cast<void>(json(text).dump());  // throws for what is no UTF-8
        return text;
    } catch (const json::exception&) {
        throw Error::of("{} is not UTF-8 text", blob.digest);
    }
}

class Publisher {
public:
    Publisher(const std::string& domain, const std::string& path, const Limits& limits, const RegistrySettings& settings)
        : client_(limits, settings), registry_(settings, {domain, ""}, path, {scopeOf(path, "pull,push")}, limits) {}

    /// Its descriptor, once the registry has it.
    json put(const std::string& text, const std::string& mediaType) {
        Descriptor blob;
        blob.mediaType = mediaType;
        blob.digest = digestOf(text);
        blob.size = text.size();
        const Fd file = memoryFile("artifact", text);
        if (sent_.insert(blob.digest).second) Uploader(registry_, client_).blob(blob, file.get(), {}, [](std::uint64_t) {});
        return {{"mediaType", mediaType}, {"digest", blob.digest}, {"size", blob.size}};
    }

    void manifest(const std::string& tag, const std::string& text) { Uploader(registry_, client_).manifest(tag, manifestType, text); }

private:
    HttpClient client_;
    Registry registry_;
    std::set<std::string> sent_;
};

}  // namespace

json fetchArtifact(const json& request, const Limits& limits, const RegistrySettings& settings) {
    const std::string path = request.at("path"), digest = request.value("digest", "");
    HttpClient client(limits, settings);
    Registry registry(settings, {request.at("domain"), ""}, path, {scopeOf(path, "pull")}, limits);
    const Registry::Document document = registry.manifest(client, digest.empty() ? request.at("tag").get<std::string>() : digest);
    if (kindOf(document.text, document.mediaType) != DocumentKind::Manifest) throw Error("it is an index of images, no artifact");
    const Manifest manifest = parseManifest(document.text, limits);
    if (manifest.layers.size() > mostFiles) throw Error::of("it has {} files, at most {} are accepted", manifest.layers.size(), mostFiles);
    const json whole = parseJson(document.text, "the manifest");
    if (typeOf(whole, manifest).find(".image.") != std::string::npos) throw Error("it is an image, no artifact");
    json files = json::array();
    for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
        const Descriptor& blob = manifest.layers[i];
        const std::string text = registry.smallBlob(client, blob, limits.manifestBytes);
        files.push_back({{"mediaType", blob.mediaType}, {"annotations", annotationsOf(whole["layers"][i])}, {"text", verifiedText(text, blob)}});
    }
    return {{"digest", document.digest}, {"type", typeOf(whole, manifest)}, {"annotations", annotationsOf(whole)}, {"files", files}};
}

json publishArtifact(const json& request, const Limits& limits, const RegistrySettings& settings) {
    const json& artifact = request.at("artifact");
    const bool typed = request.at("version") != "1.0";
    const std::string type = artifact.at("type");
    Publisher publisher(request.at("domain"), request.at("path"), limits, settings);
    json manifest = {{"schemaVersion", 2}, {"mediaType", manifestType}, {"config", publisher.put(emptyConfig, typed ? emptyType : type)}, {"layers", json::array()}};
    if (typed) manifest["artifactType"] = type;
    for (const json& file : artifact.at("files")) {
        json layer = publisher.put(file.at("text"), file.at("mediaType"));
        layer["annotations"] = file.at("annotations");
        manifest["layers"].push_back(std::move(layer));
    }
    if (!artifact.at("annotations").empty()) manifest["annotations"] = artifact.at("annotations");
    const std::string text = manifest.dump();
    publisher.manifest(request.at("tag"), text);
    return {{"digest", digestOf(text)}};
}

}  // namespace devc::engine::transfer

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/image/image_config.h"
#include "engine/image/images.h"
#include "engine/image/transfer_process.h"

namespace devc::engine {

using nlohmann::json;

namespace {

struct Platform {
    std::string os = "linux", architecture, variant;
};

/// "linux/arm64/v8", "linux/amd64", "arm64"; empty: this machine.
Platform platformFrom(const std::string& text) {
    Platform platform;
    platform.architecture = machineArchitecture();
    if (text.empty()) return platform;
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        std::size_t end = std::min(text.find('/', begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    if (parts.size() > 3 || std::find(parts.begin(), parts.end(), "") != parts.end())
        throw Error::of("'{}' is no platform", text).hint("write OS/ARCHITECTURE[/VARIANT], as in linux/arm64/v8");
    if (parts.size() == 1) {
        (parts[0] == "linux" || parts[0] == "windows" ? platform.os : platform.architecture) = parts[0];
        return platform;
    }
    platform.os = parts[0];
    platform.architecture = parts[1] == "x86_64" ? "amd64" : parts[1] == "aarch64" ? "arm64" : parts[1];
    if (parts.size() == 3) platform.variant = parts[2];
    return platform;
}

json knownLayers(Database& database) {
    Database::Lock lock(database);
    json known = json::object();
    Statement rows = database.prepare("SELECT chain_id, size FROM layers");
    while (rows.step()) known[rows.text(0)] = rows.integer(1);
    return known;
}

}  // namespace

Image Images::pull(const std::string& reference, const std::string& platform, const ProgressSink& progress) {
    Reference wanted = Reference::parse(reference);
    Platform machine = platformFrom(platform);
    holdStore();
    json request = {{"domain", wanted.domain}, {"path", wanted.path}, {"tag", wanted.tag}, {"digest", wanted.digest},
                    {"os", machine.os}, {"architecture", machine.architecture}, {"variant", machine.variant}, {"known", knownLayers(database_)}};
    try {
        json fetched = transfer(host_, "pull", std::move(request), {.progress = progress});
        std::vector<std::string> references;
        if (wanted.digest.empty()) references.push_back(wanted.normalized());
        return install(fetched, references, wanted.domain + "/" + wanted.path + "@" + fetched.at("repositoryDigest").get<std::string>());
    } catch (Error& error) {
        throw error.during("cannot pull {}", wanted.familiar());
    }
}

std::vector<Image> Images::load(int tarDescriptor) {
    holdStore();
    json request = {{"os", "linux"}, {"architecture", machineArchitecture()}, {"known", knownLayers(database_)}};
    std::vector<Image> images;
    const json loaded = transfer(host_, "load", std::move(request), {.input = tarDescriptor});
    for (const json& entry : loaded) {
        Image image = install(entry, entry.at("references").get<std::vector<std::string>>(), "");
        image.references.clear();  // those it had before are not the archive's
        for (const json& name : entry.at("references")) image.references.push_back(Reference::parse(name.get<std::string>()).normalized());
        images.push_back(std::move(image));
    }
    return images;
}

void Images::save(const std::vector<std::string>& references, int tarDescriptor) const {
    holdStore();
    json list = json::array();
    for (const std::string& reference : references) {
        Image image = get(reference);
        auto entry = std::find_if(list.begin(), list.end(), [&](const json& one) { return one["manifest"] == image.manifestDigest; });
        if (entry == list.end()) {
            list.push_back({{"manifest", image.manifestDigest}, {"references", json::array()}});
            entry = list.end() - 1;
        }
        // Named by its id an image is saved with no name, by a bare repository or tag with that tag.
        bool byId = image.id.substr(7).starts_with(reference.starts_with("sha256:") ? reference.substr(7) : reference);
        Reference named = byId ? Reference{} : Reference::parse(reference);
        if (!named.tag.empty()) (*entry)["references"].push_back({{"normalized", named.normalized()}, {"familiar", named.familiar()}, {"tag", named.tag}});
    }
    transfer(host_, "save", {{"images", list}}, {.output = tarDescriptor});
}

json Images::repositoriesOf(const Image& image, const std::string& domain, const std::string& path) const {
    std::map<std::string, std::set<std::string>> holders;  // blob -> repositories
    for (const Image& other : list()) {
        std::set<std::string> paths;
        for (const std::string& text : other.repositoryDigests)
            if (const Reference at = Reference::parse(text); at.domain == domain && at.path != path) paths.insert(at.path);
        if (paths.empty()) continue;
        for (const NewLayer& layer : layersOf(other)) holders[layer.blobDigest].insert(paths.begin(), paths.end());
    }
    json elsewhere = json::object();
    for (const NewLayer& layer : layersOf(image))
        if (const auto found = holders.find(layer.blobDigest); found != holders.end()) elsewhere[layer.blobDigest] = found->second;
    return elsewhere;
}

void Images::push(const std::string& reference, const ProgressSink& progress) const {
    Reference target = Reference::parse(reference);
    if (target.tag.empty()) throw Error::of("cannot push {}: a digest is no name to push to", reference);
    auto image = find(target.normalized());
    if (!image) throw NotFound(fmt::format("An image does not exist locally with the tag: {}", target.familiar()));
    holdStore();
    json request = {{"domain", target.domain}, {"path", target.path}, {"tag", target.tag}, {"manifest", image->manifestDigest},
                    {"elsewhere", repositoriesOf(*image, target.domain, target.path)}};
    try {
        const json pushed = transfer(host_, "push", std::move(request), {.progress = progress});
        Database::Transaction transaction(database_);
        refer(target.domain + "/" + target.path + "@" + pushed.at("digest").get<std::string>(), image->id);
        transaction.commit();
    } catch (Error& error) {
        throw error.during("cannot push {}", target.familiar());
    }
}

json Images::inspect(const std::string& referenceOrId) const {
    Image image = get(referenceOrId);
    json oci = configJson(image);
    json tags = json::array(), digests = json::array(), layers = json::array();
    for (const std::string& reference : image.references) tags.push_back(Reference::parse(reference).familiar());
    for (const std::string& digest : image.repositoryDigests) digests.push_back(Reference::parse(digest).familiar());
    for (const std::string& diff : image.diffIds) layers.push_back(diff);
    json config = oci.value("config", json::object());
    for (const char* name : {"Hostname", "Domainname", "User", "WorkingDir"})
        if (!config.contains(name)) config[name] = "";
    for (const char* name : {"Env", "Cmd", "Entrypoint", "Labels", "Volumes", "ExposedPorts", "OnBuild"})
        if (!config.contains(name)) config[name] = nullptr;
    return {{"Id", image.id},
            {"RepoTags", tags},
            {"RepoDigests", digests},
            {"Parent", ""},
            {"Comment", oci.contains("history") && !oci["history"].empty() ? oci["history"].back().value("comment", "") : ""},
            {"Created", image.created},
            {"Author", oci.value("author", "")},
            {"Config", config},
            {"Architecture", image.architecture},
            {"Os", image.os},
            {"Size", image.size},
            {"RootFS", {{"Type", "layers"}, {"Layers", layers}}},
            {"Metadata", {{"LastTagTime", image.tagged.empty() ? image.created : image.tagged}}}};
}

}  // namespace devc::engine

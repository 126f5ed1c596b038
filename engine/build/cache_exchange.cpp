#include "engine/build/cache_exchange.h"

#include <algorithm>
#include <map>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "engine/build/run_mount.h"
#include "engine/error.h"
#include "engine/linux/fd.h"

namespace devc::engine::build {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* operationsKey = "devc.cache.v1";  ///< a list for each layer: the operations that made it, [key, title]
constexpr const char* othersKey = "devc.cache.others";  ///< how many images stand beside this one
constexpr const char* fileName = "devc-cache.tar";

using Fields = std::map<std::string, std::string>;

/// Caches of BuildKit that belong to a service elsewhere: files for such machines build here too.
bool isElsewhere(const std::string& text) {
    for (const char* type : {"gha", "s3", "azblob"})
        if (text.starts_with(fmt::format("type={}", type))) return true;
    return false;
}

Fields fieldsOf(const std::string& text, const char* flag) {
    if (text.find('=') == std::string::npos) return {{"type", "registry"}, {"ref", text}};
    Fields fields;
    for (const std::string& field : splitFields(text)) {
        const std::size_t equals = field.find('=');
        if (equals == std::string::npos) throw Error::of("invalid field '{}' in {} {}: it must be a key=value pair", field, flag, text);
        fields[field.substr(0, equals)] = field.substr(equals + 1);
    }
    const std::string& type = fields["type"];
    if (type != "local" && type != "registry" && type != "inline")
        throw Error::of("{} {}: the type {} is not known", flag, text, type).hint("local, registry and inline are");
    return fields;
}

const std::string& required(Fields& fields, const char* name, const char* flag) {
    if (fields[name].empty()) throw Error::of("{} type={} needs {}=...", flag, fields["type"], name);
    return fields[name];
}

/// The name of the image beside `reference`: name:tag -> name:tag-1.
std::string beside(const std::string& reference, int number) {
    Reference name = Reference::parse(reference);
    name.digest.clear();
    name.tag = fmt::format("{}-{}", name.tag.empty() ? "latest" : name.tag, number);
    return name.normalized();
}

void ignoreProgress(const std::string&, const std::string&, std::uint64_t, std::uint64_t) {}

}  // namespace

json CacheExchange::operationsOf(const Snapshot& snapshot) const {
    json list = json::array();
    std::string parent;
    Database::Lock lock(database_);
    for (const std::string& chain : snapshot.chains) {
        json made = json::array();
        Statement row = database_.prepare("SELECT key, title FROM build_cache WHERE chain = ? AND parent = ? ORDER BY key");
        row.bind(chain).bind(parent);
        while (row.step()) made.push_back({row.text(0), row.text(1)});
        list.push_back(std::move(made));
        parent = chain;
    }
    return list;
}

void CacheExchange::mark(json& config, const Snapshot& result, const std::vector<std::string>& targets) const {
    for (const std::string& target : targets)
        if (!isElsewhere(target) && fieldsOf(target, "--cache-to")["type"] == "inline") config[operationsKey] = operationsOf(result);
}

std::vector<Image> CacheExchange::imagesOf(const std::vector<Snapshot>& snapshots, const Image& image) {
    std::vector<Image> images;
    for (const Snapshot& snapshot : snapshots) {
        json config = {{"architecture", image.architecture}, {"os", image.os}, {"config", json::object()}, {operationsKey, operationsOf(snapshot)}};
        if (images.empty()) config[othersKey] = snapshots.size() - 1;
        images.push_back(shop_.images().addImage(config, snapshot.layers, ""));
    }
    return images;
}

void CacheExchange::give(const std::string& target, const std::vector<Snapshot>& results, const Image& image) {
    if (isElsewhere(target)) return shop_.report(BuildProgress::Warning, "", fmt::format("the cache is not written to {}: devc writes to local, registry and inline", target));
    Fields fields = fieldsOf(target, "--cache-to");
    if (fields["type"] == "inline") return;
    std::vector<Snapshot> chosen;
    for (const Snapshot& snapshot : results) {
        const bool isPart = std::any_of(results.begin(), results.end(), [&](const Snapshot& other) {
            return other.chains.size() > snapshot.chains.size() && std::equal(snapshot.chains.begin(), snapshot.chains.end(), other.chains.begin());
        });
        if (chosen.empty() || (fields["mode"] == "max" && !isPart && !snapshot.chains.empty())) chosen.push_back(snapshot);
    }
    const std::string title = "exporting cache to " + fields["type"];
    shop_.report(BuildProgress::Started, title);
    const std::vector<Image> images = imagesOf(chosen, image);
    if (fields["type"] == "local") {
        const fs::path folder = required(fields, "dest", "--cache-to");
        fs::create_directories(folder);
        const std::string aside = (folder / fileName).string() + ".new";
        const Fd file = openFile(aside, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        std::vector<std::string> ids;
        for (const Image& one : images) ids.push_back(one.id);
        shop_.images().save(ids, file.get());
        fs::rename(aside, folder / fileName);
    } else {
        const std::string& reference = required(fields, "ref", "--cache-to");
        for (std::size_t i = 0; i < images.size(); ++i) {
            const std::string name = i == 0 ? reference : beside(reference, static_cast<int>(i));
            shop_.images().tag(images[i].id, name);
            shop_.images().push(name, ignoreProgress);
        }
    }
    for (const Image& one : images) shop_.images().remove(one.id, true);
    shop_.report(BuildProgress::Finished, title);
}

void CacheExchange::takeImage(const Image& image) {
    const json config = shop_.images().configJson(image);
    const std::vector<NewLayer> layers = shop_.images().layersOf(image);
    const auto operations = config.find(operationsKey);
    if (operations == config.end() || !operations->is_array() || operations->size() != layers.size()) return;
    std::string parent;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        for (const json& made : (*operations)[i])
            if (made.is_array() && made.size() == 2 && made[0].is_string() && made[1].is_string())
                shop_.cache().put(made[0].get<std::string>(), parent, layers[i], made[1].get<std::string>());
        parent = Images::chainId(parent, layers[i].diffId);
    }
}

void CacheExchange::take(const std::string& source) {
    if (isElsewhere(source)) return shop_.report(BuildProgress::Warning, "", fmt::format("the cache {} is not used: devc reads local and registry", source));
    Fields fields = fieldsOf(source, "--cache-from");
    try {
        if (fields["type"] == "local") {
            const Fd file = openFile((fs::path(required(fields, "src", "--cache-from")) / fileName).string(), O_RDONLY);
            for (const Image& image : shop_.images().load(file.get())) {
                takeImage(image);
                if (image.references.empty()) shop_.images().remove(image.id, true);
            }
            return;
        }
        const std::string& reference = required(fields, "ref", "--cache-from");
        const bool isOwn = shop_.images().find(Reference::parse(reference).normalized()).has_value();
        const Image first = shop_.images().pull(reference, "", ignoreProgress);
        takeImage(first);
        const json config = shop_.images().configJson(first);
        const int others = std::clamp(config.value(othersKey, 0), 0, 1000);
        for (int number = 1; number <= others; ++number) {
            const Image other = shop_.images().pull(beside(reference, number), "", ignoreProgress);
            takeImage(other);
            shop_.images().remove(beside(reference, number), true);
        }
        if (!isOwn) shop_.images().remove(reference, true);  // its layers stay: they are the cache's now
    } catch (const Error& error) {
        shop_.report(BuildProgress::Warning, "", fmt::format("the cache {} is not used: {}", source, error.what()));
    }
}

}  // namespace devc::engine::build

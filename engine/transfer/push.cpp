#include <fcntl.h>
#include <set>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/transfer/image.h"
#include "engine/transfer/parallel.h"
#include "engine/transfer/registry.h"
#include "engine/transfer/upload.h"

namespace devc::engine::transfer {

namespace {

/// Repositories of the same registry that may have a blob, by its digest.
using Elsewhere = std::map<std::string, std::vector<std::string>>;

std::vector<std::string> scopesOf(const std::string& path, const Elsewhere& elsewhere) {
    std::vector<std::string> scopes = {scopeOf(path, "pull,push")};
    std::set<std::string> others;
    for (const auto& [digest, repositories] : elsewhere) others.insert(repositories.begin(), repositories.end());
    for (const std::string& other : others) scopes.push_back(scopeOf(other, "pull"));
    return scopes;
}

class Pusher {
public:
    explicit Pusher(const TransferContext& context)
        : context_(context), path_(context.request.at("path")), elsewhere_(context.request.value("elsewhere", Elsewhere())),
          registry_(context.registries, {context.request.at("domain"), ""}, path_, scopesOf(path_, elsewhere_), context.limits),
          clients_(context.registries.uploads, context.limits, context.registries) {}

    nlohmann::json run() {
        const std::string digest = context_.request.at("manifest"), tag = context_.request.at("tag");
        const std::string text = context_.store.readBlob(digest, context_.limits.manifestBytes);
        const Manifest manifest = parseManifest(text, context_.limits);
        std::vector<Descriptor> blobs;
        std::set<std::string> seen;
        for (const Descriptor& layer : manifest.layers)
            if (layer.urls.empty() && seen.insert(layer.digest).second) blobs.push_back(layer);
        Parallel().run(context_.registries.uploads, blobs.size(), [&](std::size_t i, unsigned lane) { blob(blobs[i], clients_.of(lane)); });
        blob(manifest.config, clients_.of(0));
        Uploader(registry_, clients_.of(0)).manifest(tag, manifest.mediaType, text);
        context_.channel.progress(tag, fmt::format("digest: {} size: {}", digest, text.size()));
        return {{"digest", digest}};
    }

private:
    void blob(const Descriptor& blob, HttpClient& client) {
        const std::string id = blob.digest.substr(7, 12);
        const Fd file = openFile(context_.store.blob(blob.digest).string(), O_RDONLY);
        const auto repositories = elsewhere_.find(blob.digest);
        std::uint64_t told = 0;
        const auto sent = [&](std::uint64_t bytes) {
            if (bytes - told < (1 << 20) && bytes != blob.size) return;
            told = bytes;
            context_.channel.progress(id, "Pushing", bytes, blob.size);
        };
        const UploadResult done = Uploader(registry_, client)
                                      .blob(blob, file.get(), repositories == elsewhere_.end() ? std::vector<std::string>() : repositories->second, sent);
        switch (done.way) {
            case UploadResult::Way::Existed: return context_.channel.progress(id, "Layer already exists");
            case UploadResult::Way::Mounted: return context_.channel.progress(id, "Mounted from " + done.from, blob.size, blob.size);
            case UploadResult::Way::Sent: return context_.channel.progress(id, "Pushed", blob.size, blob.size);
        }
    }

    const TransferContext& context_;
    std::string path_;
    Elsewhere elsewhere_;
    Registry registry_;
    HttpClients clients_;
};

}  // namespace

nlohmann::json push(const TransferContext& context) { return Pusher(context).run(); }

}  // namespace devc::engine::transfer

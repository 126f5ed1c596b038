#include <mutex>
#include <set>
#include <thread>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/transfer/image.h"
#include "engine/transfer/parallel.h"
#include "engine/transfer/registry.h"
#include "engine/transfer/work_lock.h"

namespace devc::engine::transfer {

namespace {

std::string brief(const std::string& digest) { return digest.substr(digest.find(':') + 1, 12); }

/// Reports at most every so many bytes, so that progress does not cost more than the data.
class Meter {
public:
    Meter(Channel& channel, const LayerPlan& plan) : channel_(channel), plan_(plan) {}
    void add(std::size_t bytes) {
        done_ += bytes;
        if (done_ - told_ < (1 << 20) && done_ != plan_.blob.size) return;
        told_ = done_;
        channel_.progress(brief(plan_.blob.digest), "Downloading", done_, plan_.blob.size);
    }

private:
    Channel& channel_;
    const LayerPlan& plan_;
    std::uint64_t done_ = 0, told_ = 0;
};

class Puller {
public:
    Puller(const TransferContext& context, const Endpoint& endpoint)
        : context_(context), path_(context.request.at("path")),
          registry_(context.registries, endpoint, path_, {scopeOf(path_, "pull")}, context.limits),
          clients_(context.registries.downloads, context.limits, context.registries), known_(context.request.at("known").get<KnownLayers>()) {}

    nlohmann::json run() {
        HttpClient& client = clients_.of(0);
        std::string digest = context_.request.at("digest"), tag = context_.request.at("tag");
        Registry::Document document = registry_.manifest(client, digest.empty() ? tag : digest);
        std::string repositoryDigest = document.digest;
        if (kindOf(document.text, document.mediaType) == DocumentKind::Index) document = choose(client, document);
        Manifest manifest = parseManifest(document.text, context_.limits);
        const WorkLock sole(context_.store.locks(), "image-" + digestHex(document.digest),
                            [&] { context_.channel.progress(brief(document.digest), "Waiting for another pull of it"); });
        std::string config = fetchConfig(client, manifest.config);
        plans_ = planLayers(manifest, diffIdsOf(config, manifest.layers.size()));
        fetchLayers();
        std::vector<StoredLayer> layers = adoptLayers(plans_, pending_, context_.store, known_);
        context_.store.addBlob(manifest.config.digest, config);
        context_.store.addBlob(document.digest, document.text);
        nlohmann::json image = describeImage(document.digest, manifest, layers);
        image["repositoryDigest"] = repositoryDigest;
        return image;
    }

private:
    Registry::Document choose(HttpClient& client, const Registry::Document& index) {
        Platform platform{context_.request.at("os"), context_.request.at("architecture"), context_.request.at("variant")};
        Descriptor chosen = chooseManifest(index.text, platform);
        Registry::Document document = registry_.manifest(client, chosen.digest);
        if (document.text.size() != chosen.size) throw Error::of("the manifest {} has {} bytes, not {} as its index says", chosen.digest, document.text.size(), chosen.size);
        if (kindOf(document.text, chosen.mediaType) == DocumentKind::Index) throw Error("the index leads to another index");
        return document;
    }

    std::string fetchConfig(HttpClient& client, const Descriptor& config) {
        if (context_.store.hasBlob(config.digest, config.size)) return context_.store.readBlob(config.digest, context_.limits.configBytes);
        return registry_.smallBlob(client, config, context_.limits.configBytes);
    }

    /// Equal blobs of one image are fetched once: the later ones are unpacked from the store afterwards.
    void fetchLayers() {
        std::vector<const LayerPlan*> fetch, later;
        std::set<std::string> blobs;
        for (const LayerPlan& plan : plans_) {
            bool layerThere = context_.store.hasLayer(plan.chainId), blobThere = context_.store.hasBlob(plan.blob.digest, plan.blob.size);
            if (layerThere && blobThere) context_.channel.progress(brief(plan.blob.digest), "Already exists");
            else (blobs.insert(plan.blob.digest).second ? fetch : later).push_back(&plan);
        }
        work(fetch);
        work(later);
    }

    void work(const std::vector<const LayerPlan*>& plans) {
        parallel_.run(context_.registries.downloads, plans.size(), [&](std::size_t i, unsigned lane) { one(clients_.of(lane), *plans[i]); });
    }

    void one(HttpClient& client, const LayerPlan& plan) {
        const std::string id = brief(plan.blob.digest);
        try {
            const WorkLock sole(context_.store.locks(), "blob-" + digestHex(plan.blob.digest), [&] { context_.channel.progress(id, "Waiting for another pull of it"); });
            bool layerThere = context_.store.hasLayer(plan.chainId);
            if (context_.store.hasBlob(plan.blob.digest, plan.blob.size)) {
                if (!layerThere) keep(plan, unpackBlob(plan, context_.store, context_.limits));
            } else {
                download(client, plan, layerThere);
            }
            context_.channel.progress(id, "Pull complete", plan.blob.size, plan.blob.size);
        } catch (Error& error) {
            throw error.during("layer {}", id);
        }
    }

    void keep(const LayerPlan& plan, PendingLayer layer) {
        std::lock_guard lock(mutex_);
        pending_.emplace(plan.chainId, std::move(layer));
    }

    /// One pass: downloaded, hashed and written as a blob by one thread, decompressed by a second, unpacked by this one.
    void download(HttpClient& client, const LayerPlan& plan, bool layerThere) {
        BlobWriter blob(context_.store);
        Meter meter(context_.channel, plan);
        if (layerThere) {
            registry_.blob(client, plan.blob, [&](std::string_view data) { return take(blob, meter, data); });
            blob.finish(plan.blob.digest);
            return;
        }
        ChunkQueue queue;
        std::thread fetcher([&] {
            try {
                registry_.blob(client, plan.blob, [&](std::string_view data) { return take(blob, meter, data) && queue.push(data); });
                queue.finish();
            } catch (...) {
                queue.finish(std::current_exception());
            }
        });
        PendingLayer layer;
        try {
            QueueSource data(queue);
            layer = unpackStream(data, context_.store, context_.limits, true);
            while (!data.read().empty()) {}
        } catch (...) {
            queue.abandon();
            fetcher.join();
            // Content that is not what was announced explains why it could not be unpacked.
            if (blob.size() == plan.blob.size) blob.verify(plan.blob.digest);
            throw;
        }
        fetcher.join();
        blob.finish(plan.blob.digest);
        if (layer.diffId.empty()) layer.diffId = plan.blob.digest;
        if (layer.diffId != plan.diffId) throw Error::of("its content is {}, but the image's configuration says {}", layer.diffId, plan.diffId);
        keep(plan, std::move(layer));
    }

    bool take(BlobWriter& blob, Meter& meter, std::string_view data) {
        blob.write(data);
        meter.add(data.size());
        return !parallel_.failed();
    }

    const TransferContext& context_;
    std::string path_;
    Registry registry_;
    HttpClients clients_;
    KnownLayers known_;
    std::vector<LayerPlan> plans_;
    Parallel parallel_;
    std::mutex mutex_;
    std::map<std::string, PendingLayer> pending_;
};

}  // namespace

nlohmann::json pull(const TransferContext& context) {
    const std::vector<Endpoint> endpoints = endpointsFor(context.request.at("domain"), context.registries);
    std::vector<std::string> failures;
    for (const Endpoint& endpoint : endpoints) {
        try {
            return Puller(context, endpoint).run();
        } catch (Error& error) {
            if (&endpoint == &endpoints.back()) {
                for (const std::string& failure : failures) error.detail(failure);
                throw;
            }
            failures.push_back(fmt::format("the mirror {}: {}", endpoint.base, error.what()));
        }
    }
    throw Error("no registry to pull from");
}

}  // namespace devc::engine::transfer

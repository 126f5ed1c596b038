#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <algorithm>
#include <mutex>
#include <set>
#include <thread>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/json.h"
#include "engine/transfer/image.h"
#include "engine/transfer/parallel.h"
#include "engine/transfer/tar_reader.h"

namespace devc::engine::transfer {

using nlohmann::json;

namespace {

/// The members of an image archive, spooled to files whose names are ours, hashed on their way.
class Members {
public:
    struct Member {
        std::filesystem::path file;
        std::string digest;
        std::uint64_t size = 0;
        Compression compression = Compression::None;
    };

    Members(Store& store, const Limits& limits) : store_(store), limits_(limits) {}

    void read(int descriptor) {
        FdSource input(descriptor);
        PeekSource head(input);
        Compression compression = compressionOf(head.peek(16));
        std::unique_ptr<Source> plain = decompress(head, compression, limits_);
        TarReader reader(*plain);
        while (archive_entry* entry = reader.next()) {
            std::string name = archive_entry_pathname(entry);
            std::string path;
            try {
                path = cleanPath(name);
            } catch (Error& error) {
                throw error.during("entry '{}'", printable(name));
            }
            if (++count_ > limits_.archiveFiles) throw Error::of("the archive has more than {} entries", limits_.archiveFiles);
            if (archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == nullptr) members_[path] = spool(reader);
            else if (archive_entry_filetype(entry) == AE_IFLNK) links_[path] = archive_entry_symlink(entry);
        }
    }

    const Member* find(const std::string& path) const {
        auto found = members_.find(path);
        if (found != members_.end()) return &found->second;
        auto link = links_.find(path);
        if (link == links_.end()) return nullptr;
        // docker wrote equal layers once and linked the others: "../<id>/layer.tar".
        std::filesystem::path target = (std::filesystem::path(path).parent_path() / link->second).lexically_normal();
        found = members_.find(target.string());
        return found == members_.end() ? nullptr : &found->second;
    }
    const Member& get(const std::string& path) const {
        const Member* member = find(path);
        if (member == nullptr) throw Error::of("the archive lacks {}", printable(path));
        return *member;
    }
    std::string text(const Member& member, std::uint64_t limit) const {
        if (member.size > limit) throw Error::of("a document of the archive has {} bytes, more than the {} that are accepted", member.size, limit);
        std::filesystem::path place = adopted_.contains(member.digest) ? store_.blob(member.digest) : member.file;
        return readFile(place.string());
    }
    /// Makes them blobs of the store: written to the disk together, not one after the other.
    void adopt(const std::vector<const Member*>& members) {
        store_.flush();
        for (const Member* member : members)
            if (adopted_.insert(member->digest).second && !store_.hasBlob(member->digest, member->size)) store_.adoptBlob(member->file, member->digest);
        store_.flushNames();
    }

private:
    Member spool(TarReader& reader) {
        Member member;
        member.file = store_.newName();
        Fd file = openFile(member.file.string(), O_WRONLY | O_CREAT | O_EXCL, 0600);
        Sha256 sum;
        std::string head;
        const void* data = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        while (reader.block(data, size, offset)) {
            if (static_cast<std::uint64_t>(offset) != member.size) throw Error("the archive has sparse files, which image archives never have");
            std::string_view bytes(static_cast<const char*>(data), size);
            if (head.size() < 16) head += bytes.substr(0, 16 - head.size());
            sum.update(bytes);
            writeAll(file.get(), bytes);
            member.size += size;
            if (member.size > limits_.layerBytes) throw Error::of("a file of the archive has more than {} bytes", limits_.layerBytes);
        }
        member.digest = "sha256:" + sum.finish();
        member.compression = compressionOf(head);
        return member;
    }

    Store& store_;
    const Limits& limits_;
    std::map<std::string, Member> members_;
    std::map<std::string, std::string> links_;
    std::set<std::string> adopted_;
    std::uint64_t count_ = 0;
};

class Loader {
public:
    Loader(const TransferContext& context)
        : context_(context), members_(context.store, context.limits), known_(context.request.at("known").get<KnownLayers>()) {}

    json run(int descriptor) {
        members_.read(descriptor);
        if (members_.find("index.json") != nullptr) layout();
        else if (members_.find("manifest.json") != nullptr) dockerArchive();
        else throw Error("the archive is no saved image: it has neither index.json nor manifest.json").hint("`devc image import` takes root file systems");
        return images_;
    }

private:
    std::string document(const Descriptor& wanted, std::uint64_t limit) {
        const Members::Member& member = blob(wanted);
        return members_.text(member, limit);
    }

    const Members::Member& blob(const Descriptor& wanted) {
        const Members::Member& member = members_.get("blobs/sha256/" + digestHex(wanted.digest));
        if (member.size != wanted.size) throw Error::of("{} has {} bytes in the archive, {} were announced", wanted.digest, member.size, wanted.size);
        if (member.digest != wanted.digest) throw Error::of("the archive's {} has other content: {}", wanted.digest, member.digest);
        return member;
    }

    void layout() {
        std::string index = members_.text(members_.get("index.json"), context_.limits.manifestBytes);
        std::vector<std::string> order;
        std::map<std::string, std::vector<std::string>> names;
        std::map<std::string, Descriptor> descriptors;
        for (const NamedManifest& entry : manifestsOf(index)) {
            if (descriptors.emplace(entry.descriptor.digest, entry.descriptor).second) order.push_back(entry.descriptor.digest);
            bool isReference = entry.name.find_first_of("/:") != std::string::npos;
            if (isReference) names[entry.descriptor.digest].push_back(entry.name);
        }
        if (order.empty()) throw Error("the archive has no image");
        for (const std::string& digest : order) {
            Descriptor descriptor = descriptors[digest];
            std::string text = document(descriptor, context_.limits.manifestBytes);
            if (kindOf(text, descriptor.mediaType) == DocumentKind::Index) {
                descriptor = chooseManifest(text, {context_.request.at("os"), context_.request.at("architecture"), ""});
                text = document(descriptor, context_.limits.manifestBytes);
                if (kindOf(text, descriptor.mediaType) == DocumentKind::Index) throw Error("the archive has an index within an index");
            }
            image(descriptor.digest, text, names[digest]);
        }
    }

    void image(const std::string& digest, const std::string& text, const std::vector<std::string>& names) {
        Manifest manifest = parseManifest(text, context_.limits);
        std::string config = document(manifest.config, context_.limits.configBytes);
        std::vector<LayerPlan> plans = planLayers(manifest, diffIdsOf(config, manifest.layers.size()));
        std::vector<const Members::Member*> blobs;
        for (const LayerPlan& plan : plans) blobs.push_back(&blob(plan.blob));
        members_.adopt(blobs);
        finish(digest, text, config, manifest, plans, names);
    }

    std::map<std::string, PendingLayer> unpackMissing(const std::vector<LayerPlan>& plans) {
        std::vector<const LayerPlan*> missing;
        for (const LayerPlan& plan : plans)
            if (!context_.store.hasLayer(plan.chainId)) missing.push_back(&plan);
        std::map<std::string, PendingLayer> pending;
        std::mutex mutex;
        Parallel().run(std::max(1U, std::thread::hardware_concurrency()), missing.size(), [&](std::size_t i, unsigned) {
            const LayerPlan& plan = *missing[i];
            try {
                PendingLayer layer = unpackBlob(plan, context_.store, context_.limits);
                std::lock_guard lock(mutex);
                pending.emplace(plan.chainId, std::move(layer));
            } catch (Error& error) {
                throw error.during("layer {}", plan.blob.digest.substr(7, 12));
            }
        });
        return pending;
    }

    void finish(const std::string& digest, const std::string& text, const std::string& config, const Manifest& manifest,
                const std::vector<LayerPlan>& plans, const std::vector<std::string>& names) {
        std::map<std::string, PendingLayer> pending = unpackMissing(plans);
        std::vector<StoredLayer> layers = adoptLayers(plans, pending, context_.store, known_);
        context_.store.addBlob(manifest.config.digest, config);
        context_.store.addBlob(digest, text);
        json described = describeImage(digest, manifest, layers);
        described["references"] = names;
        images_.push_back(std::move(described));
    }

    /// docker's own format before 25, and skopeo's docker-archive: no manifest in the sense of a registry, so one is made.
    void dockerArchive() {
        json list = parseJson(members_.text(members_.get("manifest.json"), context_.limits.manifestBytes), "manifest.json");
        if (!list.is_array() || list.empty() || list.size() > 256) throw Error("manifest.json does not list images");
        for (const json& entry : list) {
            try {
                dockerImage(entry);
            } catch (const json::exception&) {
                throw Error("manifest.json: an image lacks Config or Layers, or they are of another type");
            }
        }
    }

    void dockerImage(const json& entry) {
        const Members::Member& config = members_.get(cleanPath(entry.at("Config").get<std::string>()));
        std::string configText = members_.text(config, context_.limits.configBytes);
        json manifest = {{"schemaVersion", 2},
                         {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                         {"config", {{"mediaType", "application/vnd.oci.image.config.v1+json"}, {"digest", config.digest}, {"size", config.size}}},
                         {"layers", json::array()}};
        for (const json& name : entry.at("Layers")) {
            const Members::Member& layer = members_.get(cleanPath(name.get<std::string>()));
            manifest["layers"].push_back({{"mediaType", layerMediaType(layer.compression)}, {"digest", layer.digest}, {"size", layer.size}});
        }
        std::string text = manifest.dump();
        Manifest parsed = parseManifest(text, context_.limits);
        std::vector<LayerPlan> plans = planLayers(parsed, diffIdsOf(configText, parsed.layers.size()));
        std::vector<const Members::Member*> blobs;
        for (const json& name : entry.at("Layers")) blobs.push_back(&members_.get(cleanPath(name.get<std::string>())));
        members_.adopt(blobs);
        std::vector<std::string> names;
        if (entry.contains("RepoTags") && entry["RepoTags"].is_array()) names = entry["RepoTags"].get<std::vector<std::string>>();
        finish(digestOf(text), text, configText, parsed, plans, names);
    }

    const TransferContext& context_;
    Members members_;
    KnownLayers known_;
    json images_ = json::array();
};

}  // namespace

json load(const TransferContext& context, int descriptor) { return Loader(context).run(descriptor); }

}  // namespace devc::engine::transfer

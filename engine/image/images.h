#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/spec.h"
#include "engine/host.h"
#include "engine/linux/fd.h"
#include "engine/state/database.h"

namespace devc::engine {

/// The part of an OCI image configuration that containers and builds use.
struct ImageConfig {
    std::vector<std::string> entrypoint, command, environment, exposedPorts, volumes, onBuild, shell;
    std::string workingDir, user, stopSignal;
    std::map<std::string, std::string> labels;
    std::optional<HealthCheck> healthcheck;
};

struct Image {
    std::string id;  ///< "sha256:..." digest of the configuration
    std::vector<std::string> references;  ///< normalised: "docker.io/library/busybox:latest"
    std::vector<std::string> repositoryDigests;
    std::string manifestDigest;
    std::string created;  ///< RFC 3339
    std::string tagged;   ///< RFC 3339: when it was pulled, loaded, made or named last; empty if that is not known
    std::uint64_t size = 0;  ///< bytes unpacked
    std::string architecture, os;
    ImageConfig config;
    std::vector<std::string> diffIds;   ///< digests of the uncompressed layers, lowest first
    std::vector<std::string> chainIds;  ///< folder names under layers/, lowest first (hex digits only)
};

/// "busybox" -> docker.io/library/busybox:latest. Throws Error on what docker's grammar refuses.
struct Reference {
    std::string domain, path, tag, digest;
    static Reference parse(std::string_view text);
    std::string normalized() const;  ///< docker.io/library/busybox:latest
    std::string familiar() const;    ///< busybox:latest
};

/// One line of progress of a pull, push or build: "layer 4f53cd: downloading 3/17 MB".
using ProgressSink = std::function<void(const std::string& id, const std::string& status, std::uint64_t current, std::uint64_t total)>;

/// A layer that a build made: an unpacked folder to be adopted, with its identity.
struct NewLayer {
    std::string diffId;            ///< digest of its tar
    std::string blobDigest;        ///< digest of the tar as stored under blobs/ (uncompressed or gzip)
    std::uint64_t blobSize = 0, size = 0;
    std::string mediaType;
};

/// What a check of the whole store found.
struct StoreReport {
    std::vector<std::string> problems;  ///< a sentence each
    std::vector<std::string> repairs;   ///< what was done about them
    std::vector<std::string> unmended;  ///< what was tried in vain
    std::vector<std::string> passing;   ///< left by a killed command, and no problem: the next one takes it away
    std::size_t blobs = 0, layers = 0, images = 0;
    std::uint64_t bytes = 0;            ///< of the blobs, all of which were read
};

/// The image store: OCI blobs by digest, unpacked layers by chain id, references in the database.
/// Moving data (download, upload, unpack, tar) happens in devc-transfer; this class drives it.
class Images {
public:
    Images(const Host&, Database&);

    std::optional<Image> find(const std::string& referenceOrId) const;  ///< reference, id or unambiguous id prefix
    Image get(const std::string& referenceOrId) const;                  ///< throws NotFound "No such image: x"
    std::vector<Image> list() const;
    nlohmann::json inspect(const std::string& referenceOrId) const;     ///< docker's JSON
    nlohmann::json configJson(const Image&) const;                      ///< the OCI configuration as stored

    /// Overlay lower folders, the topmost first (as overlayfs' lowerdir wants them).
    std::vector<std::filesystem::path> lowerFolders(const Image&) const;

    Image pull(const std::string& reference, const std::string& platform, const ProgressSink&);
    /// The layers of an image as its manifest has them, lowest first: what a build on top of it begins with.
    std::vector<NewLayer> layersOf(const Image&) const;
    /// Keeps a layer that belongs to no image, until unpin: the build cache's hold.
    void pin(const std::string& holder, const std::string& chainId);
    void unpin(const std::string& holder);

    /// `docker import`: the tar (any compression) becomes the one layer of a new image. "--change" lines as docker takes them.
    Image import(int tarDescriptor, const std::string& reference, const std::vector<std::string>& changes, const std::string& message = {});
    std::vector<Image> load(int tarDescriptor);
    void save(const std::vector<std::string>& references, int tarDescriptor) const;
    void push(const std::string& reference, const ProgressSink&) const;
    void tag(const std::string& source, const std::string& reference);
    /// Untags, and removes the image when it was the last reference. Lines as docker prints ("Untagged: ...", "Deleted: ...").
    std::vector<std::string> remove(const std::string& referenceOrId, bool force);
    /// Removes what no reference, container or build cache reaches; returns the bytes freed.
    std::uint64_t collect(bool allUnused);
    /// Reads every blob and compares it with its digest, and sees that every image has all of its parts. `fix`: what is damaged
    /// is removed, what can be had from elsewhere in the store is restored, images that stay incomplete and are in no
    /// container's use are forgotten: the next pull brings them whole.
    StoreReport check(bool fix);

    /// For the builder and `commit`: tars `folder` (an overlay upper with overlay whiteouts) into a blob and adopts it by
    /// rename as layers/<chain id> above `parentChainId` (empty: lowest).
    NewLayer addLayer(const std::filesystem::path& folder, const std::string& parentChainId);
    /// The same, but the folder stays as it is.
    NewLayer copyLayer(const std::filesystem::path& folder, const std::string& parentChainId);
    /// The chain id of `diffId` on top of `parent` (OCI image specification, "Layer ChainID").
    static std::string chainId(const std::string& parent, const std::string& diffId);
    /// Writes configuration and manifest; returns the image, referenced by `reference` unless that is empty.
    Image addImage(const nlohmann::json& ociConfig, const std::vector<NewLayer>& layers, const std::string& reference);

private:
    struct Stored;  ///< an image whose blobs and layers are in the store
    Image record(const Stored&);
    NewLayer recordLayer(const nlohmann::json& layer);
    Image install(const nlohmann::json& fetched, const std::vector<std::string>& references, const std::string& repositoryDigest);
    /// Records a name: a tag, or a digest that a registry has it under. Within a transaction.
    void refer(const std::string& reference, const std::string& imageId) const;
    /// {blob digest: [path]}: repositories of `domain` beside `path` that were seen to have a layer of the image.
    nlohmann::json repositoriesOf(const Image&, const std::string& domain, const std::string& path) const;
    std::vector<std::string> unreachedLayers();
    std::uint64_t sweep();
    /// From now on no other devc removes blobs or layers that nothing refers to yet.
    void holdStore() const;

    const Host& host_;
    Database& database_;
    mutable Fd storeLock_;
};

}  // namespace devc::engine

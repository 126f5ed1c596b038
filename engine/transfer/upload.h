#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/transfer/registry.h"

namespace devc::engine::transfer {

struct UploadResult {
    enum class Way { Existed, Mounted, Sent } way;
    std::string from;  ///< Mounted: the repository it was taken from
};

/// Sends blobs and manifests to one repository: distribution specification, "Pushing Blobs". A blob that is there is not
/// sent; one that another repository of the registry has is mounted; the rest is streamed, and goes on where it broke off.
class Uploader {
public:
    Uploader(Registry& registry, HttpClient& client) : registry_(registry), client_(client) {}

    /// `descriptor`: a file with the blob. `repositories`: of the same registry, which may have it. `sent`: bytes so far.
    UploadResult blob(const Descriptor& blob, int descriptor, const std::vector<std::string>& repositories,
                      const std::function<void(std::uint64_t)>& sent);
    /// Throws Error also when the registry stored it under another digest.
    void manifest(const std::string& reference, const std::string& mediaType, const std::string& text);

private:
    HttpAnswer begin(const std::string& query);
    std::string send(const std::string& location, const Descriptor& blob, int descriptor, const std::function<void(std::uint64_t)>& sent);
    void finish(const std::string& location, const Descriptor& blob);
    std::uint64_t received(std::string& location);
    HttpAnswer ask(HttpRequest request);

    Registry& registry_;
    HttpClient& client_;
};

}  // namespace devc::engine::transfer

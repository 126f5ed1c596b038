#pragma once
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/transfer/authorization.h"
#include "engine/transfer/http.h"
#include "engine/transfer/limits.h"
#include "engine/transfer/manifest.h"
#include "engine/transfer/registry_settings.h"

namespace devc::engine::transfer {

/// A server that can be asked for the images of a registry: the registry itself or a mirror of it.
struct Endpoint {
    std::string domain;  ///< whose credentials are used: "docker.io", "127.0.0.1:5000"
    std::string base;    ///< "https://mirror.example/path"; empty: found out at the first request
};
/// Whom to ask for images of `domain`, best first: the mirrors of docker.io, then the registry.
std::vector<Endpoint> endpointsFor(const std::string& domain, const RegistrySettings& settings);

/// One repository of a registry: the distribution specification's API v2. Answers 429 and 5xx are waited for, lost
/// connections tried again, a bounded number of times. Safe to use from several threads, each with a client of its own.
class Registry {
public:
    /// `path`: of the repository; empty: the registry as a whole. `scopes`: see Authorization.
    Registry(const RegistrySettings& settings, Endpoint endpoint, std::string path, std::vector<std::string> scopes, const Limits& limits,
             std::optional<Credentials> given = {});

    struct Document {
        std::string text, mediaType, digest;
    };
    /// A manifest or index by tag or digest; a digest is verified. Throws NotFound "manifest for ... not found".
    Document manifest(HttpClient&, const std::string& reference);
    /// The digest that a tag has now, as the registry says it.
    std::string manifestDigest(HttpClient&, const std::string& reference);
    /// A small blob, verified.
    std::string smallBlob(HttpClient&, const Descriptor&, std::uint64_t limit);
    /// Gives a blob's bytes to `sink` in order, over broken connections; not more than its size. Not verified here.
    /// `sink` returns false to stop; then false is returned. A foreign layer that the registry has not comes from its URLs.
    bool blob(HttpClient&, const Descriptor&, const std::function<bool(std::string_view)>& sink);
    bool hasBlob(HttpClient&, const std::string& digest);

    /// Any request to the registry: authorized, tried again where that may help. `request.url`: from urlOf().
    HttpAnswer ask(HttpClient&, HttpRequest request);
    std::string urlOf(HttpClient&, const std::string& rest);
    /// Throws what an answer that was not expected means for `what`.
    [[noreturn]] void refuse(const HttpAnswer&, const std::string& what) const;

    const std::string& path() const { return path_; }
    const Authorization& authorization() const { return authorization_; }

private:
    using Sink = std::function<bool(std::string_view)>;
    bool blobFrom(HttpClient&, const std::string& url, bool own, const Descriptor&, const Sink& sink);
    const std::string& base(HttpClient&);
    HttpAnswer authorized(HttpClient&, HttpRequest& request);

    const RegistrySettings& settings_;
    std::string domain_, path_;
    const Limits& limits_;
    Authorization authorization_;
    std::mutex mutex_;
    std::string base_;
};

/// "repository:team/app:pull,push"
std::string scopeOf(const std::string& path, std::string_view actions);

}  // namespace devc::engine::transfer

#pragma once
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/transfer/http.h"
#include "engine/transfer/limits.h"
#include "engine/transfer/manifest.h"

namespace devc::engine::transfer {

/// One repository of a registry: the distribution specification's API v2, with docker's token and basic authentication.
/// Safe to use from several threads, each with a client of its own.
class Registry {
public:
    /// `domain` as in a reference: "docker.io", "127.0.0.1:5000". Plain HTTP is spoken with loopback addresses and with
    /// registries that DEVC_INSECURE_REGISTRIES or `insecure-registries` of /etc/docker/daemon.json name.
    Registry(std::string domain, std::string path, const Limits& limits);

    struct Document {
        std::string text, mediaType, digest;
    };
    /// A manifest or index by tag or digest; a digest is verified. Throws NotFound "manifest unknown".
    Document manifest(HttpClient&, const std::string& reference);
    /// A small blob, verified.
    std::string smallBlob(HttpClient&, const Descriptor&, std::uint64_t limit);
    /// Gives a blob's bytes to `sink` in order, over broken connections; not more than its size. Not verified here.
    /// `sink` returns false to stop; then false is returned.
    bool blob(HttpClient&, const Descriptor&, const std::function<bool(std::string_view)>& sink);

    bool hasBlob(HttpClient&, const std::string& digest);
    void uploadBlob(HttpClient&, const Descriptor&, int descriptor, const std::function<void(std::uint64_t)>& sent);
    void uploadManifest(HttpClient&, const std::string& reference, const std::string& mediaType, const std::string& text);

private:
    HttpAnswer ask(HttpClient&, HttpRequest request);
    std::string authorize(HttpClient&, const std::string& challenge, const std::string& used, const std::string& url);
    std::string token(HttpClient&, const std::string& challenge, const std::string& url);
    [[noreturn]] void refuse(const HttpAnswer&, const std::string& what) const;
    std::string url(const std::string& rest) const { return base_ + "/v2/" + path_ + rest; }

    std::string domain_, path_, base_;
    std::string scope_;
    const Limits& limits_;
    std::mutex mutex_;
    std::string authorization_;
};

}  // namespace devc::engine::transfer

#include "engine/transfer/registry.h"

#include <nlohmann/json.hpp>

#include "engine/digest.h"
#include "engine/error.h"
#include "engine/json.h"
#include "engine/transfer/patience.h"
#include "engine/transfer/root_folder.h"
#include "engine/transfer/store.h"

namespace devc::engine::transfer {

using nlohmann::json;

namespace {

constexpr int mostBrokenBodies = 2;                  ///< resumed by range ...
constexpr std::uint64_t goodProgress = 16ull << 20;  ///< ... each time that not even so much came
constexpr const char* manifestTypes =
    "Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, "
    "application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json";

/// What a registry says in the body of a refusal.
std::string messageIn(const HttpAnswer& answer) {
    if (answer.header("content-type").starts_with("text/html")) return "its answer is a web page, not a registry's";
    const json body = json::parse(answer.body, nullptr, false);
    if (!body.is_object() || !body.contains("errors")) return {};
    const json& errors = body["errors"];
    if (!errors.is_array() || errors.empty() || !errors[0].is_object()) return {};
    const auto message = errors[0].find("message");
    return message != errors[0].end() && message->is_string() ? printable(message->get<std::string>()) : std::string();
}

/// The schemes to try, best first. Insecure registries may speak both; certificates for one say that it speaks TLS.
std::vector<std::string> schemesFor(const std::string& domain, const RegistrySettings& settings) {
    if (!settings.certificatesOf(domain).empty() || !settings.isInsecure(domain)) return {"https://"};
    if (isLoopback(domain)) return {"http://", "https://"};
    return {"https://", "http://"};
}

/// A TLS server that was asked in plain text answers 400, or not at all.
bool speaks(HttpClient& client, const std::string& base) {
    HttpRequest request;
    request.url = base + "/v2/";
    try {
        return client.request(request).status != 400;
    } catch (const ConnectionError&) {
        return false;
    }
}

}  // namespace

std::string scopeOf(const std::string& path, std::string_view actions) { return fmt::format("repository:{}:{}", path, actions); }

std::vector<Endpoint> endpointsFor(const std::string& domain, const RegistrySettings& settings) {
    std::vector<Endpoint> endpoints;
    if (domain == "docker.io")
        for (const std::string& mirror : settings.mirrors) endpoints.push_back({authorityOf(mirror), mirror});
    endpoints.push_back({domain, ""});
    return endpoints;
}

Registry::Registry(const RegistrySettings& settings, Endpoint endpoint, std::string path, std::vector<std::string> scopes, const Limits& limits,
                   std::optional<Credentials> given)
    : settings_(settings), domain_(endpoint.domain), path_(std::move(path)), limits_(limits),
      authorization_(settings, domain_, std::move(scopes), std::move(given)), base_(std::move(endpoint.base)) {}

const std::string& Registry::base(HttpClient& client) {
    std::lock_guard lock(mutex_);
    if (!base_.empty()) return base_;
    const std::string host = domain_ == "docker.io" ? "registry-1.docker.io" : domain_;
    const std::vector<std::string> schemes = schemesFor(domain_, settings_);
    std::size_t chosen = 0;
    if (schemes.size() > 1 && !speaks(client, schemes[0] + host) && speaks(client, schemes[1] + host)) chosen = 1;
    return base_ = schemes[chosen] + host;
}

std::string Registry::urlOf(HttpClient& client, const std::string& rest) {
    return base(client) + "/v2/" + (path_.empty() || rest.empty() ? "" : path_ + "/") + rest;
}

void Registry::refuse(const HttpAnswer& answer, const std::string& what) const {
    const std::string said = messageIn(answer), reason = said.empty() ? "" : ": " + said;
    if (answer.status == 401 || answer.status == 403) {
        Error denied = Error::of("pull access denied for {}, repository does not exist or may require 'devc login'{}", path_, reason);
        if (const std::string note = authorization_.note(); !note.empty()) denied.detail(note);
        throw denied;
    }
    if (answer.status == 404) throw NotFound(fmt::format("{} not found{}", what, reason));
    throw Error::of("{} answered {} for {}{}", domain_, answer.status, what, reason);
}

HttpAnswer Registry::authorized(HttpClient& client, HttpRequest& request) {
    request.authorization = authorization_.header();
    HttpAnswer answer = client.request(request);
    // A redirect's target is none of this registry's: its challenge gets nothing.
    if (answer.status != 401 || originOf(answer.url) != originOf(request.url)) return answer;
    const std::string next = authorization_.answer(client, answer.header("www-authenticate"), request.authorization, request.url);
    if (next == request.authorization) return answer;
    request.authorization = next;
    return client.request(request);
}

HttpAnswer Registry::ask(HttpClient& client, HttpRequest request) {
    Patience patience(request.method == "GET" || request.method == "HEAD");
    for (;;) {
        try {
            HttpAnswer answer = authorized(client, request);
            if (!patience.again(answer.status, answer.header("retry-after"))) return answer;
        } catch (const ConnectionError& problem) {
            if (!problem.transient || !patience.again()) throw;
        }
    }
}

Registry::Document Registry::manifest(HttpClient& client, const std::string& reference) {
    HttpRequest request;
    request.url = urlOf(client, "manifests/" + reference);
    request.headers = {manifestTypes};
    request.bodyLimit = limits_.manifestBytes;
    HttpAnswer answer = ask(client, request);
    if (answer.status != 200) refuse(answer, "manifest for " + path_ + (isDigest(reference) ? "@" : ":") + reference);
    Document document{std::move(answer.body), answer.header("content-type"), {}};
    if (document.mediaType.starts_with("text/html")) {
        throw Error::of("{} is no registry: its answer is a web page", domain_).hint("check the name, and whether a proxy or a login page is between");
    }
    document.digest = digestOf(document.text);
    if (isDigest(reference) && document.digest != reference) {
        throw Error::of("the registry sent a manifest with digest {} for {}", document.digest, reference);
    }
    return document;
}

std::string Registry::manifestDigest(HttpClient& client, const std::string& reference) {
    HttpRequest request;
    request.method = "HEAD";
    request.url = urlOf(client, "manifests/" + reference);
    request.headers = {manifestTypes};
    const HttpAnswer answer = ask(client, request);
    const std::string digest = answer.header("docker-content-digest");
    // Some registries take no HEAD or do not name the digest; and only a body can say why something is refused.
    if (answer.status != 200 || !isDigest(digest)) return manifest(client, reference).digest;
    return digest;
}

std::string Registry::smallBlob(HttpClient& client, const Descriptor& wanted, std::uint64_t limit) {
    if (wanted.size > limit) throw Error::of("{} has {} bytes, more than the {} that are accepted", wanted.digest, wanted.size, limit);
    std::string text;
    blob(client, wanted, [&](std::string_view data) {
        text += data;
        return true;
    });
    if (digestOf(text) != wanted.digest) throw Error::of("the registry sent other content than {}", wanted.digest);
    return text;
}

bool Registry::blob(HttpClient& client, const Descriptor& wanted, const Sink& sink) {
    try {
        return blobFrom(client, urlOf(client, "blobs/" + wanted.digest), true, wanted, sink);
    } catch (const NotFound&) {
        if (wanted.urls.empty()) throw;
    }
    for (std::size_t i = 0;; ++i) {
        try {
            return blobFrom(client, wanted.urls[i], false, wanted, sink);
        } catch (const NotFound&) {
            if (i + 1 == wanted.urls.size()) throw;
        }
    }
}

/// `own`: the registry's, with its authorization; another server gets none.
bool Registry::blobFrom(HttpClient& client, const std::string& url, bool own, const Descriptor& wanted, const Sink& sink) {
    std::uint64_t done = 0;
    for (int broken = 0;; ++broken) {
        bool stopped = false;
        HttpRequest request;
        request.url = url;
        request.partial = true;
        request.bodyLimit = 1 << 20;
        if (done > 0) request.headers.push_back(fmt::format("Range: bytes={}-", done));
        request.onlyPartial = done > 0;
        request.sink = [&](std::string_view data) {
            if (done + data.size() > wanted.size) throw Error::of("the registry sends more than the {} bytes of {}", wanted.size, wanted.digest);
            done += data.size();
            if (sink(data)) return true;
            stopped = true;
            return false;
        };
        const std::uint64_t before = done;
        const HttpAnswer answer = own ? ask(client, request) : client.request(request);
        if (stopped) return false;
        if (answer.status != 200 && answer.status != 206) refuse(answer, "blob " + wanted.digest);
        if (before > 0 && answer.status != 206) throw Error::of("{} broke off and cannot continue a download", domain_);
        if (done == wanted.size) return true;
        if (done - before >= goodProgress) broken = 0;
        if (broken == mostBrokenBodies || answer.complete) {
            throw Error::of("{} sent only {} of the {} bytes of {}", domain_, done, wanted.size, wanted.digest);
        }
    }
}

bool Registry::hasBlob(HttpClient& client, const std::string& digest) {
    HttpRequest request;
    request.method = "HEAD";
    request.url = urlOf(client, "blobs/" + digest);
    return ask(client, request).status == 200;
}

}  // namespace devc::engine::transfer

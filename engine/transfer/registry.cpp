#include "engine/transfer/registry.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <unistd.h>

#include <curl/curl.h>
#include <nlohmann/json.hpp>

#include "engine/digest.h"
#include "engine/error.h"
#include "engine/json.h"
#include "engine/linux/fd.h"
#include "engine/transfer/credentials.h"
#include "engine/transfer/root_folder.h"

namespace devc::engine::transfer {

using nlohmann::json;

namespace {

constexpr int mostBusyAnswers = 5;   ///< 429 and 503 that are waited for
constexpr int mostBrokenBodies = 2;  ///< resumed by range
constexpr const char* manifestTypes =
    "Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, "
    "application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json";

bool isLoopback(const std::string& domain) {
    std::string host = domain.substr(0, domain.rfind(':'));
    return host == "localhost" || host.starts_with("127.") || host == "[::1]";
}

bool isInsecure(const std::string& domain) {
    if (isLoopback(domain)) return true;
    if (const char* list = std::getenv("DEVC_INSECURE_REGISTRIES")) {
        if (("," + std::string(list) + ",").find("," + domain + ",") != std::string::npos) return true;
    }
    const char* file = "/etc/docker/daemon.json";
    if (::access(file, R_OK) != 0) return false;
    json config = parseJson(readFile(file), file);
    json list = config.is_object() ? config.value("insecure-registries", json::array()) : json();
    return list.is_array() && std::find(list.begin(), list.end(), domain) != list.end();
}

/// The value of a parameter of a WWW-Authenticate header: realm="..." .
std::string parameter(const std::string& challenge, const std::string& name) {
    std::size_t at = challenge.find(name + "=\"");
    if (at == std::string::npos || (at > 0 && challenge[at - 1] != ' ' && challenge[at - 1] != ',')) return {};
    at += name.size() + 2;
    std::size_t end = challenge.find('"', at);
    return end == std::string::npos ? std::string() : challenge.substr(at, end - at);
}

std::string escaped(const std::string& text) {
    char* out = curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size()));
    std::string result = out ? out : "";
    curl_free(out);
    return result;
}

/// Passwords go to the registry itself and to hosts of the same owner (auth.docker.io for registry-1.docker.io).
bool sameOwner(const std::string& host, const std::string& other) {
    if (host == other) return true;
    if (host.find_first_not_of("0123456789.") == std::string::npos || host.front() == '[') return false;
    auto owner = [](const std::string& name) {
        std::size_t last = name.rfind('.');
        if (last == std::string::npos || last == 0) return std::string();
        std::size_t before = name.rfind('.', last - 1);
        return before == std::string::npos ? name : name.substr(before + 1);
    };
    return !owner(host).empty() && owner(host) == owner(other);
}

std::chrono::seconds waitFor(const HttpAnswer& answer, int attempt) {
    auto given = answer.headers.find("retry-after");
    long seconds = given == answer.headers.end() ? 1L << attempt : std::strtol(given->second.c_str(), nullptr, 10);
    return std::chrono::seconds(std::clamp(seconds, 1L, 20L));
}

}  // namespace

Registry::Registry(std::string domain, std::string path, const Limits& limits)
    : domain_(std::move(domain)), path_(std::move(path)), scope_("repository:" + path_ + ":pull"), limits_(limits) {
    std::string host = domain_ == "docker.io" ? "registry-1.docker.io" : domain_;
    base_ = (isInsecure(domain_) ? "http://" : "https://") + host;
}

void Registry::refuse(const HttpAnswer& answer, const std::string& what) const {
    std::string said;
    json body = json::parse(answer.body, nullptr, false);
    if (body.is_object() && body.contains("errors") && body["errors"].is_array() && !body["errors"].empty() && body["errors"][0].is_object())
        said = printable(body["errors"][0].value("message", ""));
    auto type = answer.headers.find("content-type");
    if (type != answer.headers.end() && type->second.starts_with("text/html")) said = "its answer is a web page, not a registry's";
    if (answer.status == 401 || answer.status == 403) {
        throw Error::of("pull access denied for {}, repository does not exist or may require 'docker login'{}", path_, said.empty() ? "" : ": " + said);
    }
    if (answer.status == 404) throw NotFound(fmt::format("{} not found{}", what, said.empty() ? "" : ": " + said));
    throw Error::of("{} answered {} for {}{}", domain_, answer.status, what, said.empty() ? "" : ": " + said);
}

std::string Registry::token(HttpClient& client, const std::string& challenge, const std::string& url) {
    std::string realm = parameter(challenge, "realm");
    if (realm.empty()) throw Error::of("{} asks for a token without saying where", domain_);
    originOf(realm);
    std::string scope = parameter(challenge, "scope");
    if (scope.empty()) scope = scope_;
    std::string service = parameter(challenge, "service");
    HttpRequest request;
    request.url = realm + (realm.find('?') == std::string::npos ? "?" : "&") + "service=" + escaped(service) + "&scope=" + escaped(scope);
    request.bodyLimit = 1 << 20;
    bool trusted = sameOwner(hostOf(realm), hostOf(url)) && (realm.starts_with("https:") || url.starts_with("http:"));
    auto credentials = trusted ? credentialsFor(domain_) : std::nullopt;
    if (credentials && !credentials->identityToken.empty()) {
        request.method = "POST";
        request.url = realm;
        request.headers.push_back("Content-Type: application/x-www-form-urlencoded");
        request.send = "grant_type=refresh_token&client_id=devc&service=" + escaped(service) + "&scope=" + escaped(scope) +
                       "&refresh_token=" + escaped(credentials->identityToken);
    } else if (credentials) {
        request.authorization = "Basic " + base64(credentials->user + ":" + credentials->password);
    }
    HttpAnswer answer = client.request(request);
    if (answer.status != 200) refuse(answer, "a token");
    json body = parseJson(answer.body, "the answer of " + originOf(realm));
    std::string text = body.is_object() ? body.value("token", body.value("access_token", "")) : "";
    if (text.empty() || text.find_first_of("\r\n") != std::string::npos) throw Error::of("{} gave no token", originOf(realm));
    return "Bearer " + text;
}

std::string Registry::authorize(HttpClient& client, const std::string& challenge, const std::string& used, const std::string& url) {
    std::lock_guard lock(mutex_);
    if (authorization_ != used) return authorization_;  // another thread has asked meanwhile
    if (challenge.starts_with("Bearer ") || challenge.starts_with("bearer ")) return authorization_ = token(client, challenge, url);
    auto credentials = credentialsFor(domain_);
    if (!credentials) return used;
    return authorization_ = "Basic " + base64(credentials->user + ":" + credentials->password);
}

HttpAnswer Registry::ask(HttpClient& client, HttpRequest request) {
    {
        std::lock_guard lock(mutex_);
        request.authorization = authorization_;
    }
    bool authorized = false;
    for (int busy = 0;;) {
        HttpAnswer answer = client.request(request);
        if (answer.status == 401 && !authorized) {
            authorized = true;
            // A redirect's target is none of this registry's: its challenge gets nothing.
            if (originOf(answer.url) != originOf(request.url)) return answer;
            std::string next = authorize(client, answer.headers["www-authenticate"], request.authorization, request.url);
            if (next == request.authorization) return answer;
            request.authorization = next;
            continue;
        }
        if ((answer.status == 503 || answer.status == 429) && busy < mostBusyAnswers) {
            std::this_thread::sleep_for(waitFor(answer, busy++));
            continue;
        }
        return answer;
    }
}

Registry::Document Registry::manifest(HttpClient& client, const std::string& reference) {
    HttpRequest request;
    request.url = url("/manifests/" + reference);
    request.headers = {manifestTypes};
    request.bodyLimit = limits_.manifestBytes;
    HttpAnswer answer = ask(client, request);
    if (answer.status != 200) refuse(answer, "manifest for " + path_ + ":" + reference);
    Document document{std::move(answer.body), answer.headers["content-type"], {}};
    if (document.mediaType.starts_with("text/html")) {
        throw Error::of("{} is no registry: its answer is a web page", domain_).hint("check the name, and whether a proxy or a login page is between");
    }
    document.digest = digestOf(document.text);
    if (reference.starts_with("sha256:") && document.digest != reference) {
        throw Error::of("the registry sent a manifest with digest {} for {}", document.digest, reference);
    }
    return document;
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

bool Registry::blob(HttpClient& client, const Descriptor& wanted, const std::function<bool(std::string_view)>& sink) {
    std::uint64_t done = 0;
    for (int broken = 0;; ++broken) {
        bool stopped = false;
        HttpRequest request;
        request.url = url("/blobs/" + wanted.digest);
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
        std::uint64_t before = done;
        HttpAnswer answer = ask(client, request);
        if (stopped) return false;
        if (answer.status != 200 && answer.status != 206) refuse(answer, "blob " + wanted.digest);
        if (before > 0 && answer.status != 206) throw Error::of("{} broke off and cannot continue a download", domain_);
        if (done == wanted.size) return true;
        if (broken == mostBrokenBodies || (answer.complete && done < wanted.size)) {
            throw Error::of("{} sent only {} of the {} bytes of {}", domain_, done, wanted.size, wanted.digest);
        }
    }
}

bool Registry::hasBlob(HttpClient& client, const std::string& digest) {
    scope_ = "repository:" + path_ + ":pull,push";
    HttpRequest request;
    request.method = "HEAD";
    request.url = url("/blobs/" + digest);
    return ask(client, request).status == 200;
}

void Registry::uploadBlob(HttpClient& client, const Descriptor& blob, int descriptor, const std::function<void(std::uint64_t)>& sent) {
    HttpRequest begin;
    begin.method = "POST";
    begin.url = url("/blobs/uploads/");
    HttpAnswer answer = ask(client, begin);
    if (answer.status != 202) refuse(answer, "an upload to " + path_);
    HttpRequest put;
    put.method = "PUT";
    put.url = resolveUrl(answer.url, answer.headers["location"]);
    put.url += (put.url.find('?') == std::string::npos ? "?digest=" : "&digest=") + blob.digest;
    put.headers = {"Content-Type: application/octet-stream"};
    put.sendFile = descriptor;
    put.sendSize = blob.size;
    put.sent = sent;
    put.followRedirects = false;
    // The registry may put uploads on a host of its own; it then needs no authorization of ours.
    if (originOf(put.url) != originOf(begin.url)) answer = client.request(put);
    else answer = ask(client, put);
    if (answer.status != 201) refuse(answer, "the upload of " + blob.digest);
}

void Registry::uploadManifest(HttpClient& client, const std::string& reference, const std::string& mediaType, const std::string& text) {
    HttpRequest put;
    put.method = "PUT";
    put.url = url("/manifests/" + reference);
    put.headers = {"Content-Type: " + mediaType};
    put.send = text;
    put.followRedirects = false;
    HttpAnswer answer = ask(client, put);
    if (answer.status != 201 && answer.status != 200) refuse(answer, "the manifest of " + path_ + ":" + reference);
}

}  // namespace devc::engine::transfer

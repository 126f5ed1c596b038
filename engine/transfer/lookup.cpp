#include "engine/transfer/lookup.h"

#include <curl/curl.h>
#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/json.h"
#include "engine/transfer/registry.h"

namespace devc::engine::transfer {

using nlohmann::json;

namespace {

constexpr int mostPages = 100;  // of a catalog

std::string escaped(const std::string& text) {
    char* out = curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size()));
    std::string result = out ? out : "";
    curl_free(out);
    return result;
}

std::string textOf(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The target of `<...>; rel="next"`; empty if there is none.
std::string nextPage(const HttpAnswer& answer) {
    const std::string link = answer.header("link");
    const std::size_t begin = link.find('<'), end = link.find('>');
    if (begin == std::string::npos || end == std::string::npos || end < begin || link.find("next") == std::string::npos) return {};
    return resolveUrl(answer.url, link.substr(begin + 1, end - begin - 1));
}

json searchHub(HttpClient& client, const std::string& term, std::size_t limit) {
    HttpRequest request;
    request.url = fmt::format("https://index.docker.io/v1/search?q={}&n={}", escaped(term), limit);
    const HttpAnswer answer = client.request(request);
    if (answer.status != 200) throw Error::of("{} answered {} to a search", originOf(request.url), answer.status);
    const json body = parseJson(answer.body, "the answer of " + originOf(request.url));
    json found = json::array();
    if (!body.is_object() || !body.contains("results") || !body["results"].is_array()) throw Error("the registry's answer to the search has no results");
    for (const json& one : body["results"]) {
        if (!one.is_object()) continue;
        found.push_back({{"name", textOf(one, "name")}, {"description", textOf(one, "description")},
                         {"star_count", one.value("star_count", json(0))}, {"is_official", one.value("is_official", json(false))}});
    }
    return found;
}

json searchCatalog(Registry& registry, HttpClient& client, const std::string& domain, const std::string& term, std::size_t limit) {
    json found = json::array();
    HttpRequest request;
    request.url = registry.urlOf(client, "_catalog?n=1000");
    for (int page = 0; page < mostPages && found.size() < limit; ++page) {
        const HttpAnswer answer = registry.ask(client, request);
        if (answer.status == 404 || answer.status == 405) throw Error::of("{} can be searched neither by name nor by its catalog", domain);
        if (answer.status != 200) registry.refuse(answer, "the catalog");
        const json body = parseJson(answer.body, "the catalog of " + domain);
        if (!body.is_object() || !body.contains("repositories") || !body["repositories"].is_array()) throw Error::of("the catalog of {} lists no repositories", domain);
        for (const json& name : body["repositories"]) {
            if (!name.is_string() || name.get<std::string>().find(term) == std::string::npos || found.size() == limit) continue;
            found.push_back({{"name", domain + "/" + name.get<std::string>()}, {"description", ""}, {"star_count", 0}, {"is_official", false}});
        }
        const std::string next = nextPage(answer);
        if (next.empty() || originOf(next) != originOf(request.url)) break;
        request.url = next;
    }
    return found;
}

}  // namespace

json resolve(const json& request, const Limits& limits, const RegistrySettings& settings) {
    const std::string path = request.at("path");
    HttpClient client(limits, settings);
    const std::vector<Endpoint> endpoints = endpointsFor(request.at("domain"), settings);
    for (const Endpoint& endpoint : endpoints) {
        try {
            Registry registry(settings, endpoint, path, {scopeOf(path, "pull")}, limits);
            return {{"digest", registry.manifestDigest(client, request.at("tag"))}};
        } catch (const Error&) {
            if (&endpoint == &endpoints.back()) throw;
        }
    }
    throw Error("no registry to ask");
}

json search(const json& request, const Limits& limits, const RegistrySettings& settings) {
    const std::string domain = request.at("domain"), term = request.at("term");
    const std::size_t limit = request.at("limit");
    HttpClient client(limits, settings);
    if (domain == "docker.io") return searchHub(client, term, limit);
    Registry registry(settings, {domain, ""}, "", {"registry:catalog:*"}, limits);
    return searchCatalog(registry, client, domain, term, limit);
}

}  // namespace devc::engine::transfer

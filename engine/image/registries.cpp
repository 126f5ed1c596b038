#include "engine/image/registries.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/image/images.h"
#include "engine/image/transfer_process.h"

namespace devc::engine {

using nlohmann::json;

std::string registryOf(const std::string& server) {
    std::string rest = server;
    if (const std::size_t scheme = rest.find("://"); scheme != std::string::npos) rest.erase(0, scheme + 3);
    rest.resize(std::min(rest.find('/'), rest.size()));
    if (rest.empty() || rest == "index.docker.io" || rest == "registry-1.docker.io" || rest == "registry.hub.docker.com") return "docker.io";
    if (rest.find_first_of(" \t@?#") != std::string::npos) throw Error::of("'{}' is no name of a registry", server);
    return rest;
}

Login login(const Host& host, const std::string& server, const std::string& user, const std::string& password) {
    const json done = transfer(host, "login", {{"domain", registryOf(server)}, {"user", user}, {"password", password}}, {});
    return {done.at("user"), done.at("path"), done.at("helper")};
}

bool logout(const Host& host, const std::string& server) {
    return transfer(host, "logout", {{"domain", registryOf(server)}}, {}).at("known");
}

std::vector<SearchHit> searchImages(const Host& host, const std::string& term, unsigned limit) {
    const std::size_t slash = term.find('/');
    const std::string first = term.substr(0, slash);
    const bool named = slash != std::string::npos && (first.find_first_of(".:") != std::string::npos || first == "localhost");
    const json request = {{"domain", named ? registryOf(first) : "docker.io"}, {"term", named ? term.substr(slash + 1) : term}, {"limit", limit}};
    std::vector<SearchHit> hits;
    for (const json& one : transfer(host, "search", request, {})) {
        const json& stars = one.at("star_count");
        hits.push_back({one.at("name"), one.at("description"), stars.is_number_unsigned() ? stars.get<std::uint64_t>() : 0, one.at("is_official") == true});
    }
    return hits;
}

std::string resolveDigest(const Host& host, const std::string& reference) {
    Reference wanted = Reference::parse(reference);
    if (!wanted.digest.empty()) {
        wanted.tag.clear();  // it says nothing beside the digest
        return wanted.normalized();
    }
    try {
        const json found = transfer(host, "resolve", {{"domain", wanted.domain}, {"path", wanted.path}, {"tag", wanted.tag}}, {});
        Reference pinned = wanted;
        pinned.digest = found.at("digest");
        return pinned.normalized();
    } catch (Error& error) {
        throw error.during("cannot resolve {}", wanted.familiar());
    }
}

}  // namespace devc::engine

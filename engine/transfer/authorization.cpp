#include "engine/transfer/authorization.h"

#include <algorithm>

#include <curl/curl.h>
#include <libpsl.h>

#include "engine/error.h"
#include "engine/json.h"
#include "engine/transfer/root_folder.h"

namespace devc::engine::transfer {

using nlohmann::json;

namespace {

std::string escaped(const std::string& text) {
    char* out = curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size()));
    std::string result = out ? out : "";
    curl_free(out);
    return result;
}

std::string textOf(const json& body, const char* name) {
    const auto found = body.find(name);
    return found != body.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// A token that is one line: it becomes part of a header.
bool isHeaderSafe(const std::string& token) {
    return !token.empty() && std::all_of(token.begin(), token.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

bool haveSameOwner(const std::string& host, const std::string& other) {
    if (host == other) return true;
    const bool isAddress = host.find_first_not_of("0123456789.") == std::string::npos || host.starts_with('[');
    if (isAddress) return false;
    const char* mine = psl_registrable_domain(psl_builtin(), host.c_str());
    const char* theirs = psl_registrable_domain(psl_builtin(), other.c_str());
    return mine != nullptr && theirs != nullptr && std::string_view(mine) == theirs;
}

Authorization::Authorization(const RegistrySettings& settings, std::string domain, std::vector<std::string> scopes, std::optional<Credentials> given)
    : settings_(settings), domain_(std::move(domain)), scopes_(std::move(scopes)), given_(std::move(given)) {}

std::string Authorization::header() const {
    std::lock_guard lock(mutex_);
    return header_;
}
std::string Authorization::note() const {
    std::lock_guard lock(mutex_);
    return note_;
}
std::string Authorization::identityToken() const {
    std::lock_guard lock(mutex_);
    return identityToken_;
}

std::string Authorization::answer(HttpClient& client, const std::string& challenges, const std::string& used, const std::string& url) {
    std::lock_guard lock(mutex_);
    if (header_ != used) return header_;  // another thread has asked meanwhile
    const std::vector<Challenge> all = parseChallenges(challenges);
    const auto find = [&](const char* scheme) {
        return std::find_if(all.begin(), all.end(), [&](const Challenge& one) { return one.scheme == scheme; });
    };
    if (const auto bearer = find("bearer"); bearer != all.end()) return header_ = token(client, *bearer, url);
    if (find("basic") == all.end() && !all.empty()) {
        note_ = fmt::format("{} asks for '{}' authentication, which devc does not know", domain_, printable(all.front().scheme));
        return used;
    }
    const std::optional<Credentials> known = credentials();
    return known && known->identityToken.empty() ? header_ = basicAuthorization(*known) : used;
}

std::optional<Credentials> Authorization::credentials() {
    if (given_) return given_;
    const auto known = settings_.credentials.find(domain_);
    KeptCredentials kept = known != settings_.credentials.end() ? known->second : keptCredentials(domain_);
    if (!kept.problem.empty()) note_ = fmt::format("no credentials were sent: {}", kept.problem);  // what is public can be had without
    return kept.found;
}

bool Authorization::mayHaveCredentials(const std::string& realm, const std::string& url) const {
    if (url.starts_with("https:") && !realm.starts_with("https:")) return false;
    const std::string host = hostOf(realm);
    const bool named = std::find(settings_.realms.begin(), settings_.realms.end(), host) != settings_.realms.end();
    return named || haveSameOwner(host, hostOf(url));
}

std::vector<std::string> Authorization::scopesFor(const Challenge& challenge) const {
    std::vector<std::string> scopes;
    std::string rest = challenge.parameter("scope");
    while (!rest.empty()) {
        const std::size_t blank = std::min(rest.find(' '), rest.size());
        if (blank > 0) scopes.push_back(rest.substr(0, blank));
        rest.erase(0, blank + 1);
    }
    // What the registry names first is for this request; a later request then needs no token of its own.
    const std::size_t named = scopes.size();
    for (std::size_t i = 0; i < scopes_.size(); ++i)
        if ((named == 0 || i > 0) && std::find(scopes.begin(), scopes.end(), scopes_[i]) == scopes.end()) scopes.push_back(scopes_[i]);
    return scopes;
}

HttpRequest Authorization::tokenRequest(const Challenge& challenge, const std::string& url) {
    const std::string realm = challenge.parameter("realm");
    if (realm.empty()) throw Error::of("{} asks for a token without saying where", domain_);
    originOf(realm);
    HttpRequest request;
    request.url = realm;
    request.bodyLimit = 1 << 20;
    const bool trusted = mayHaveCredentials(realm, url);
    const std::optional<Credentials> known = trusted ? credentials() : std::nullopt;
    if (!trusted)
        note_ = fmt::format("stored credentials are not sent to {}, which asks for {}: `credential-realms` in /etc/devc/config.json may allow it", hostOf(realm), domain_);
    std::string query = "service=" + escaped(challenge.parameter("service"));
    const std::vector<std::string> scopes = scopesFor(challenge);
    if (known && !known->identityToken.empty()) {
        std::string all;
        for (const std::string& scope : scopes) all += (all.empty() ? "" : " ") + scope;
        request.method = "POST";
        request.headers.push_back("Content-Type: application/x-www-form-urlencoded");
        request.send = "grant_type=refresh_token&client_id=devc&" + query + "&scope=" + escaped(all) + "&refresh_token=" + escaped(known->identityToken);
        return request;
    }
    for (const std::string& scope : scopes) query += "&scope=" + escaped(scope);
    if (known) {
        query += "&account=" + escaped(known->user) + "&client_id=devc";
        if (given_) query += "&offline_token=true";
        request.authorization = basicAuthorization(*known);
    }
    request.url += (realm.find('?') == std::string::npos ? "?" : "&") + query;
    return request;
}

std::string Authorization::token(HttpClient& client, const Challenge& challenge, const std::string& url) {
    const HttpRequest request = tokenRequest(challenge, url);
    const HttpAnswer answer = client.request(request);
    const std::string where = originOf(request.url);
    if (answer.status == 401 || answer.status == 403) {
        Error denied = Error::of("{} refuses the credentials for {}", where, domain_);
        if (request.authorization.empty() && request.send.empty()) denied = Error::of("{} gives no token without credentials for {}", where, domain_).hint("`devc login` keeps them");
        if (!note_.empty()) denied.detail(note_);
        throw denied;
    }
    if (answer.status != 200) throw Error::of("{} answered {} when it was asked for a token", where, answer.status);
    const json body = parseJson(answer.body, "the answer of " + where);
    if (!body.is_object()) throw Error::of("{} gave no token", where);
    std::string text = textOf(body, "token");
    if (text.empty()) text = textOf(body, "access_token");
    if (!isHeaderSafe(text)) throw Error::of("{} gave no token", where);
    identityToken_ = textOf(body, "refresh_token");
    return "Bearer " + text;
}

}  // namespace devc::engine::transfer

#include "engine/transfer/account.h"

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/transfer/registry.h"

namespace devc::engine::transfer {

using nlohmann::json;

namespace {

Credentials credentialsIn(const json& request, const CredentialFile& file) {
    Credentials given{request.value("user", ""), request.value("password", ""), ""};
    if (!given.user.empty()) return given;
    const std::string domain = request.at("domain");
    const auto kept = file.find(domain);
    if (!kept) throw Error::of("no credentials for {} are kept", domain).hint("give them with --username and --password-stdin");
    return *kept;
}

}  // namespace

json login(const json& request, const Limits& limits, const RegistrySettings& settings) {
    const std::string domain = request.at("domain");
    CredentialFile file = CredentialFile::read();
    Credentials credentials = credentialsIn(request, file);
    Registry registry(settings, {domain, ""}, "", {}, limits, credentials);
    HttpClient client(limits, settings);
    HttpRequest ping;
    ping.url = registry.urlOf(client, "");
    const HttpAnswer answer = registry.ask(client, ping);
    if (answer.status == 401 || answer.status == 403) {
        Error denied = Error::of("login attempt to {} failed: unauthorized: incorrect username or password", ping.url);
        if (const std::string note = registry.authorization().note(); !note.empty()) denied.detail(note);
        throw denied;
    }
    if (answer.status != 200) registry.refuse(answer, "a login");
    if (const std::string token = registry.authorization().identityToken(); !token.empty()) credentials.identityToken = token;
    file.store(domain, credentials);
    return {{"user", credentials.user}, {"path", file.path().string()}, {"helper", file.hasHelper(domain)}};
}

json logout(const json& request) { return {{"known", CredentialFile::read().erase(request.at("domain"))}}; }

}  // namespace devc::engine::transfer

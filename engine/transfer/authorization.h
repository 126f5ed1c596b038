#pragma once
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/transfer/challenge.h"
#include "engine/transfer/credentials.h"
#include "engine/transfer/http.h"
#include "engine/transfer/registry_settings.h"

namespace devc::engine::transfer {

/// Answers what a registry asks before it serves: Basic, or Bearer with a token from its realm (the "token" flow of the
/// distribution project and its OAuth2 form for identity tokens). Credentials are looked up at the first challenge, and
/// given only to the registry itself and to realms of the same owner. Safe to use from several threads.
class Authorization {
public:
    /// `scopes`: what is going to be done, as "repository:team/app:pull". `given`: in place of those that are stored.
    Authorization(const RegistrySettings& settings, std::string domain, std::vector<std::string> scopes, std::optional<Credentials> given = {});

    /// The value of the Authorization header for the next request; may be empty.
    std::string header() const;
    /// After a 401 to a request for `url` with `used`: what to try instead, or `used` again when there is nothing else.
    /// `challenges`: the WWW-Authenticate header. Throws Error when the realm gives no token.
    std::string answer(HttpClient& client, const std::string& challenges, const std::string& used, const std::string& url);

    /// Why there are no credentials although some may have been meant; empty if there is nothing to say.
    std::string note() const;
    /// The refresh token that the realm gave for these credentials, if it did (login).
    std::string identityToken() const;

private:
    std::string token(HttpClient& client, const Challenge& challenge, const std::string& url);
    HttpRequest tokenRequest(const Challenge& challenge, const std::string& url);
    std::vector<std::string> scopesFor(const Challenge& challenge) const;
    std::optional<Credentials> credentials();
    bool mayHaveCredentials(const std::string& realm, const std::string& url) const;

    const RegistrySettings& settings_;
    std::string domain_;
    std::vector<std::string> scopes_;
    std::optional<Credentials> given_;
    mutable std::mutex mutex_;
    std::string header_, note_, identityToken_;
};

/// Whether two hosts belong to one registrable domain (public suffix list), as auth.docker.io and registry-1.docker.io do.
bool haveSameOwner(const std::string& host, const std::string& other);

}  // namespace devc::engine::transfer

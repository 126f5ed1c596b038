#pragma once
#include <optional>
#include <string>

namespace devc::engine::transfer {

struct Credentials {
    std::string user, password;
    std::string identityToken;  ///< instead of a password: exchanged for a token at the realm
};

/// What `docker login` stored for a registry: $DOCKER_CONFIG/config.json or ~/.docker/config.json, members credHelpers,
/// credsStore (programs docker-credential-*) and auths. nullopt where there is nothing.
std::optional<Credentials> credentialsFor(const std::string& domain);

std::string base64(const std::string& bytes);

}  // namespace devc::engine::transfer

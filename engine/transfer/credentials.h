#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace devc::engine::transfer {

struct Credentials {
    std::string user, password;
    std::string identityToken;  ///< instead of a password: exchanged for a token at the realm
};

std::string base64(const std::string& bytes);
/// "Basic ..." of user and password.
std::string basicAuthorization(const Credentials&);

/// What `docker login` and `devc login` keep: $DOCKER_CONFIG/config.json or ~/.docker/config.json with its members auths,
/// credHelpers and credsStore (programs docker-credential-*). Other members are kept as they are.
class CredentialFile {
public:
    /// Throws Error when there is a file that is no JSON object. No file is an empty one.
    static CredentialFile read();

    /// Those for a registry (as in a reference: "docker.io"); nullopt where there are none. Throws Error when a helper fails.
    std::optional<Credentials> find(const std::string& domain) const;
    /// Keeps them, in the helper that is configured or in the file.
    void store(const std::string& domain, const Credentials& credentials);
    /// False if there was nothing to forget.
    bool erase(const std::string& domain);

    /// Whether a helper keeps this registry's, so that they are not readable in the file.
    bool hasHelper(const std::string& domain) const { return !helperOf(domain).empty(); }
    const std::filesystem::path& path() const { return path_; }

private:
    std::string ownHelperOf(const std::string& domain) const;
    std::string helperOf(const std::string& domain) const;
    void write() const;

    std::filesystem::path path_;
    nlohmann::json content_ = nlohmann::json::object();
};

/// What is kept for a registry, or why that could not be found out.
struct KeptCredentials {
    std::optional<Credentials> found;
    std::string problem;
};
KeptCredentials keptCredentials(const std::string& domain);

}  // namespace devc::engine::transfer

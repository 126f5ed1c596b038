#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/host.h"

namespace devc::engine {

/// Registries as such: who the user is there, and what they have. Moving images is Images' part.

struct Login {
    std::string user;
    std::string file;     ///< $DOCKER_CONFIG/config.json or ~/.docker/config.json
    bool helper = false;  ///< a program docker-credential-* keeps the password, not the file
};
/// Tries the credentials and keeps them. `user` empty: those that are kept are tried again. Throws Error when refused.
Login login(const Host& host, const std::string& server, const std::string& user, const std::string& password);
/// False if there was nothing to forget.
bool logout(const Host& host, const std::string& server);
/// "docker.io" of "https://index.docker.io/v1/", "", "docker.io"; "host:5000" of "http://host:5000/v2/".
std::string registryOf(const std::string& server);

struct SearchHit {
    std::string name, description;
    std::uint64_t stars = 0;
    bool official = false;
};
/// `term`: words, or HOST/words for another registry than docker.io.
std::vector<SearchHit> searchImages(const Host& host, const std::string& term, unsigned limit);

/// "docker.io/library/busybox:latest@sha256:..." of what the registry has for a reference now. One with a digest is not asked
/// about; it loses its tag. Throws NotFound.
std::string resolveDigest(const Host& host, const std::string& reference);

}  // namespace devc::engine

#pragma once
#include <map>
#include <string>
#include <vector>

#include "engine/host.h"

namespace devc::engine {

/// Small documents that a registry keeps under one name: an OCI artifact.
struct ArtifactFile {
    std::string mediaType;
    std::map<std::string, std::string> annotations;
    std::string text;  ///< UTF-8
};
struct Artifact {
    std::string type;  ///< what it is as a whole: a media type
    std::map<std::string, std::string> annotations;
    std::vector<ArtifactFile> files;
};

struct FetchedArtifact {
    std::string digest;  ///< of its manifest, "sha256:..."
    Artifact artifact;
};
/// All of it, verified. `reference` as of an image. Throws NotFound; Error for what is no artifact, too large, or no text.
FetchedArtifact fetchArtifact(const Host& host, const std::string& reference);

enum class OciVersion { v1_0, v1_1 };
/// Puts it there and returns the digest of its manifest. Throws Error, also for a reference with a digest.
std::string publishArtifact(const Host& host, const std::string& reference, const Artifact& artifact, OciVersion version);

}  // namespace devc::engine

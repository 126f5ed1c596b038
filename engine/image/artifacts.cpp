#include "engine/image/artifacts.h"

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/image/images.h"
#include "engine/image/transfer_process.h"

namespace devc::engine {

using nlohmann::json;

FetchedArtifact fetchArtifact(const Host& host, const std::string& reference) {
    const Reference wanted = Reference::parse(reference);
    try {
        const json found = transfer(host, "fetch", {{"domain", wanted.domain}, {"path", wanted.path}, {"tag", wanted.tag}, {"digest", wanted.digest}}, {});
        FetchedArtifact fetched{found.at("digest"), {found.at("type"), found.at("annotations"), {}}};
        for (const json& file : found.at("files")) fetched.artifact.files.push_back({file.at("mediaType"), file.at("annotations"), file.at("text")});
        return fetched;
    } catch (Error& error) {
        throw error.during("cannot fetch {}", wanted.familiar());
    }
}

std::string publishArtifact(const Host& host, const std::string& reference, const Artifact& artifact, OciVersion version) {
    const Reference wanted = Reference::parse(reference);
    if (!wanted.digest.empty()) throw Error::of("{} has a digest: what is published gets its own", reference).hint("name it with a tag");
    json content = {{"type", artifact.type}, {"annotations", artifact.annotations}, {"files", json::array()}};
    for (const ArtifactFile& file : artifact.files) content["files"].push_back({{"mediaType", file.mediaType}, {"annotations", file.annotations}, {"text", file.text}});
    try {
        return transfer(host, "publish", {{"domain", wanted.domain}, {"path", wanted.path}, {"tag", wanted.tag}, {"artifact", std::move(content)},
                                          {"version", version == OciVersion::v1_0 ? "1.0" : "1.1"}}, {}).at("digest");
    } catch (Error& error) {
        throw error.during("cannot publish {}", wanted.familiar());
    }
}

}  // namespace devc::engine

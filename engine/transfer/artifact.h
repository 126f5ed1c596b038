#pragma once
#include <nlohmann/json_fwd.hpp>

#include "engine/transfer/limits.h"
#include "engine/transfer/registry_settings.h"

namespace devc::engine::transfer {

/// Small documents in a repository under one tag or digest: an OCI artifact, "Guidelines for Artifact Usage" of the image
/// specification. As JSON: "type", "annotations" and "files", a list of objects with "mediaType", "annotations", "text".

/// What request["domain"], ["path"] have under ["tag"] or ["digest"], with "digest". Everything is verified and UTF-8. At most
/// 100 files of 4 MiB. Throws NotFound; Error for what is no artifact (an image, an index).
nlohmann::json fetchArtifact(const nlohmann::json& request, const Limits& limits, const RegistrySettings& settings);

/// Puts request["artifact"] there under ["tag"]. ["version"]: "1.0" (its type stands in the configuration's media type) or
/// "1.1" (it is the artifactType). The result: "digest".
nlohmann::json publishArtifact(const nlohmann::json& request, const Limits& limits, const RegistrySettings& settings);

}  // namespace devc::engine::transfer

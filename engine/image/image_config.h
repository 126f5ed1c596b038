#pragma once
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/image/images.h"

namespace devc::engine {

/// The `config` member of an OCI image configuration (image-spec, config.md), with docker's extensions (Healthcheck,
/// OnBuild, Shell). Members of another type than the specification's are refused with Error.
ImageConfig imageConfigFrom(const nlohmann::json& ociConfig);

/// Applies lines of `--change` (CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR,
/// HEALTHCHECK NONE|CMD) to an OCI image configuration. Throws Error naming the line.
void applyChanges(nlohmann::json& ociConfig, const std::vector<std::string>& changes);

/// An OCI image configuration for this machine without layers.
nlohmann::json emptyOciConfig(const std::string& created);

/// docker's name of this machine's architecture: "amd64", "arm64".
std::string machineArchitecture();

}  // namespace devc::engine

#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/transfer/limits.h"

namespace devc::engine::transfer {

struct Descriptor {
    std::string mediaType, digest;
    std::uint64_t size = 0;
    std::vector<std::string> urls;  ///< of a foreign layer: where it may be had if the registry has it not
};

/// An image manifest: OCI image specification "Image Manifest", docker "Image Manifest Version 2, Schema 2".
struct Manifest {
    std::string mediaType;
    Descriptor config;
    std::vector<Descriptor> layers;
};

struct Platform {
    std::string os, architecture, variant;
};

enum class DocumentKind { Manifest, Index };

/// What a document is by its own words; `announced` is the media type it was given under ("" if none). Throws Error where
/// they contradict each other, where the content is both (CVE-2021-41190), for schema 1 and for what is neither.
DocumentKind kindOf(std::string_view text, std::string_view announced);

/// Throws Error on missing or mistyped members, digests other than sha256 and too many layers.
Manifest parseManifest(std::string_view text, const Limits& limits);

/// The manifest of an index for the platform. Throws Error naming what the index has.
Descriptor chooseManifest(std::string_view index, const Platform& platform);

/// All image manifests of an index (load). At most 256.
struct NamedManifest {
    Descriptor descriptor;
    std::string name;  ///< annotation io.containerd.image.name or org.opencontainers.image.ref.name; may be empty
    Platform platform;  ///< may be empty
};
std::vector<NamedManifest> manifestsOf(std::string_view index);

/// The diff ids of an image configuration. Throws Error if it is no such thing or has another number of them than `layers`.
std::vector<std::string> diffIdsOf(std::string_view config, std::size_t layers);

}  // namespace devc::engine::transfer

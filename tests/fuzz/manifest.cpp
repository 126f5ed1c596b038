#include "engine/transfer/manifest.h"

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/image/image_config.h"
#include "engine/json.h"
#include "tests/fuzz/input.h"

using namespace devc::engine;

namespace {

template <typename Read>
void attempt(Read read) {
    try {
        read();
    } catch (const Error&) {
    }
}

}  // namespace

/// Manifests, indexes and image configurations, as a registry or an archive gives them.
void fuzz(std::string_view text) {
    attempt([&] { transfer::kindOf(text, "application/vnd.oci.image.manifest.v1+json"); });
    attempt([&] { transfer::parseManifest(text, {}); });
    attempt([&] { transfer::chooseManifest(text, {"linux", "amd64", ""}); });
    attempt([&] { transfer::manifestsOf(text); });
    attempt([&] { transfer::diffIdsOf(text, 1); });
    attempt([&] { imageConfigFrom(parseJson(text, "configuration")); });
}

#pragma once
#include <cstdint>

namespace devc::engine::transfer {

/// How much of what strangers send is accepted. A user who needs more raises it with the environment variable named.
struct Limits {
    std::uint64_t layerBytes = 128ull << 30;    ///< DEVC_MAX_LAYER_BYTES: unpacked size of one layer
    std::uint64_t layerEntries = 10'000'000;    ///< DEVC_MAX_LAYER_ENTRIES
    std::uint64_t expansion = 300;              ///< DEVC_MAX_EXPANSION: unpacked bytes for one compressed byte ...
    std::uint64_t expansionFrom = 256ull << 20; ///< ... beyond this many unpacked bytes
    std::uint64_t stallSeconds = 30;            ///< DEVC_STALL_SECONDS: less than 1,000 bytes a second for so long ends a transfer
    std::uint64_t manifestBytes = 4ull << 20;   ///< of a manifest or index (as registries have it)
    std::uint64_t configBytes = 8ull << 20;
    std::uint64_t layers = 500;                 ///< overlayfs takes no more
    std::uint64_t archiveFiles = 20'000;        ///< members of an image archive (load)

    static Limits fromEnvironment();
};

}  // namespace devc::engine::transfer

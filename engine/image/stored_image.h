#pragma once
#include <string>
#include <vector>

#include "engine/image/images.h"

namespace devc::engine {

/// What the database keeps of an image; its blobs and layers are in the store already.
struct Images::Stored {
    std::string config;          ///< the configuration's bytes: their digest is the id
    std::string manifestDigest;
    std::vector<std::string> chains;      ///< chain ids, lowest first
    std::vector<std::string> references;  ///< normalised, with a tag or with a digest
};

}  // namespace devc::engine

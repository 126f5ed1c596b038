#pragma once
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/build/layer_cache.h"
#include "engine/build/workshop.h"

namespace devc::engine::build {

/// Carries results of steps to another store: --cache-to and --cache-from. What travels is an ordinary image; its
/// configuration says which operations made its layers. A stage that is not below the result is an image of its own beside it.
///
/// | type     | to                            | from                          |
/// | local    | dest=FOLDER                   | src=FOLDER                    |
/// | registry | ref=NAME, pushed              | ref=NAME, pulled; also NAME alone |
/// | inline   | within the image that is built | (registry)                   |
/// mode=min (the default) takes the result's layers along, mode=max those of all stages.
class CacheExchange {
public:
    CacheExchange(Workshop& shop, Database& database) : shop_(shop), database_(database) {}

    /// Takes in what --cache-from names. A source that is not there is a warning: the build does without.
    void take(const std::string& source);
    /// Carries out --cache-to; `results` are the file systems of the build, its own first. Throws Error.
    void give(const std::string& target, const std::vector<Snapshot>& results, const Image& image);
    /// Adds to an image's configuration what made its layers, if one of the targets is inline.
    void mark(nlohmann::json& config, const Snapshot& result, const std::vector<std::string>& targets) const;

private:
    nlohmann::json operationsOf(const Snapshot& snapshot) const;
    std::vector<Image> imagesOf(const std::vector<Snapshot>& snapshots, const Image& image);
    void takeImage(const Image& image);

    Workshop& shop_;
    Database& database_;
};

}  // namespace devc::engine::build

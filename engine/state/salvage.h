#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "engine/state/database.h"

namespace devc::engine {

/// What SQLite finds wrong with the database; nothing: it is sound.
std::vector<std::string> problemsOf(Database& database);

struct Salvage {
    std::size_t rows = 0;                ///< that could be read
    std::vector<std::string> cutTables;  ///< of which others could not
};

/// Replaces a damaged database, within its file and at once, by what can still be read of it. What refers to something that is lost is
/// left out. `complete` may add to the new one before it takes effect. The damaged file is kept as `<file>.damaged`. Throws Error if
/// nothing can be read: then all is as it was.
Salvage salvage(Database& damaged, const std::filesystem::path& file, const std::function<void(Database&)>& complete);

}  // namespace devc::engine

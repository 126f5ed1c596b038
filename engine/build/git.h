#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace devc::engine::build {

/// "https://host/repo.git#branch:folder", "https://host/repo.git?branch=x&subdir=y" and their other spellings.
struct GitSource {
    std::string url, reference, folder;
    std::string commit;           ///< that the reference must mean, or its first digits; empty: any
    std::optional<bool> keepGit;  ///< as the query says
    bool submodules = true;
    /// Empty if the text names no repository. Throws Error for a query that means nothing.
    static std::optional<GitSource> parse(std::string_view text);
};

/// The commit that the reference (empty: HEAD) means now. Throws Error, also where it is not the one that is wanted.
std::string resolveCommit(const GitSource& source);
/// Checks the reference out into `folder`, which is made; submodules too. `.git` stays only with `keepGit`.
void checkOut(const GitSource& source, const std::filesystem::path& folder, bool keepGit);

}  // namespace devc::engine::build
